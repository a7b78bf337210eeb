/* SPDX-License-Identifier: MIT */
/* A worker whose loop is watched, and where its nginx begins an iteration. */
#ifndef ACUPOINT_LOOP_SITE_H
#define ACUPOINT_LOOP_SITE_H

#include <stdbool.h>

#include "instruments/loop/stall.h"
#include "instruments/trap.h"

struct loop_site {
	pid_t pid;
	uint32_t place;	     /* of its `struct loop` */
	int code;	     /* its executable, or -1 */
	uint64_t offset;     /* in it, where an iteration begins; 0: it has no such function */
	enum trap_step step; /* of the instruction there */
	uint64_t clock;	     /* address of ngx_current_msec; 0: it tells no iteration */
	int event;	     /* its clock of CPU time, or -1 */
	int trap;	     /* the uprobe that stands, or -1 */
	bool wanted;	     /* one is being placed */
	int refused;	     /* errno of the last that was not; or 0 */
	uint64_t came_ns;    /* when it was added */
	/* When the first one was placed, and the last; nanoseconds that they stood before. */
	uint64_t first_ns, placed_ns, watched_ns;
	struct stall stall;
	/* Sums that rows have already, of iterations and of time, and when a point is due. */
	struct loop_bucket shorter[LOOP_BUCKETS];
	uint64_t idle_ns, queued_ns, point_ns;
};

/* NULL when out of memory. It has no event yet. */
struct loop_site *loop_site_new(pid_t pid);
/* Closes what is its own, the uprobe included. */
void loop_site_free(struct loop_site *s);
/* For how long the process was ready and had no CPU, ns; false where the kernel does not say. */
bool loop_site_queued(const struct loop_site *s, uint64_t *ns);

#endif
