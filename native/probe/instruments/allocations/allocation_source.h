/* SPDX-License-Identifier: MIT */
/* What bursts must know of a process, and what they keep of it from one to the next. */
#ifndef ACUPOINT_ALLOCATION_SOURCE_H
#define ACUPOINT_ALLOCATION_SOURCE_H

#include "instruments/allocations/bursts.h"
#include "model/model.h"
#include "naming/process.h"
#include "nginx/request_count.h"

struct allocation_source {
	pid_t pid;
	uint64_t vms; /* which VMs the sites were found for */
	uint64_t looked_ns;
	struct burst_site sites[BURST_SITES];
	size_t site_count;
	bool stepped;	     /* over the instruction of some site; see enum trap_step */
	const char *missing; /* NULL: there are sites */
	struct request_counter counter;
	/* CPU time that it had used, and requests that its counter had seen, and when. */
	uint64_t cpu_ns, requests, noted_ns;
	uint64_t gap, passed;	 /* as the last burst left them */
	struct model_place last; /* of the last sample; stack 0: there was none */
};

void allocation_source_init(struct allocation_source *s, pid_t pid);
void allocation_source_free(struct allocation_source *s);
/* Returns its counter as it is now; 0: it has none. */
uint64_t allocation_source_requests(const struct allocation_source *s);
/* Finds the sites again where the VMs have changed. */
void allocation_source_look(struct allocation_source *s, const struct process *p, uint64_t now_ns);

#endif
