/* SPDX-License-Identifier: MIT */
/* The BPF programs that watch event loops, as the instrument talks to them. */
#ifndef ACUPOINT_LOOP_PROGRAM_H
#define ACUPOINT_LOOP_PROGRAM_H

#include <stdbool.h>

#include "instruments/loop/loop_site.h"
#include "instruments/walker_object.h"
#include "walk/taken_sample.h"

struct ring_buffer;

struct loop_takers {
	void (*sample)(void *context, const struct taken_sample *sample);
	void (*event)(void *context, const struct loop_event *event);
	void *context;
};

struct loop_program {
	struct walker_maps maps;
	bool loaded;
	enum trap_kind kind;
	uint64_t trap_ns; /* what a hit of a uprobe costs; 0: none can be placed */
	struct ring_buffer *ring;
	struct loop *loops; /* LOOP_PROCESSES, shared with the programs */
	bool taken[LOOP_PROCESSES];
	int switches; /* the program behind sched_switch, or -1 */
	struct sampler_counts *cpus;
	int cpu_count;
	struct loop_takers takers;
};

/* 0, or -1 with `error`: what this kernel lacks. loop_program_close() follows in any case. */
int loop_program_open(struct loop_program *p, const struct loop_takers *takers,
		      struct failure *error);
void loop_program_close(struct loop_program *p);

/* Watches a worker from now on: gives it a place and an event. 0 or -errno. */
int loop_program_add(struct loop_program *p, struct loop_site *s);
void loop_program_remove(struct loop_program *p, const struct loop_site *s);
int loop_program_drain(struct loop_program *p);
/* CPU time of the programs behind switches and clocks, ns, and samples that had no room. */
void loop_program_sums(struct loop_program *p, uint64_t *run_ns, uint64_t *lost);

#endif
