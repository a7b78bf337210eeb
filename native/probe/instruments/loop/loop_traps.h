/* SPDX-License-Identifier: MIT */
/* The uprobes where iterations begin: in all workers, or in none. */
#ifndef ACUPOINT_LOOP_TRAPS_H
#define ACUPOINT_LOOP_TRAPS_H

#include <linux/types.h>

#include "instruments/duty.h"
#include "instruments/loop/loop_site.h"
#include "instruments/trap_orders.h"

struct loop_traps {
	struct trap_orders orders;
	struct duty duty;
	uint64_t trap_ns[2]; /* what a hit costs, by enum trap_step; 0: not measured yet */
	/* CPU time: of the thread that places uprobes; of targets, while uprobes go. */
	uint64_t own_ns, closing_ns;
	uint64_t hits, watched_ns, elapsed_ns; /* of workers that have left */
	/* When a burst began: hits and time that uprobes stood; and how many hits a nanosecond. */
	uint64_t burst_hits, burst_ns;
	double rate;
};

/* The workers, and what the program says of each. */
struct loop_workers {
	struct loop_site **sites;
	size_t count;
	struct loop *loops;
};

/* `trap_ns`: what a hit costs. 0 or -errno; loop_traps_close() follows in any case. */
int loop_traps_open(struct loop_traps *t, enum trap_kind kind, uint64_t trap_ns);
void loop_traps_close(struct loop_traps *t);

/* Notes what was placed, decides by `allowed` (CPU time a time) and orders. True: something is on
 * its way. */
bool loop_traps_tick(struct loop_traps *t, const struct loop_workers *w, uint64_t now_ns,
		     double allowed);
/* Takes all out. */
void loop_traps_end(struct loop_traps *t, const struct loop_workers *w);
/* A worker leaves; its uprobe goes with it. */
void loop_traps_forget(struct loop_traps *t, struct loop_site *s, const struct loop *l);

uint64_t loop_traps_hits(const struct loop_traps *t, const struct loop_workers *w);
uint64_t loop_traps_watched_ns(const struct loop_traps *t, const struct loop_workers *w,
			       uint64_t now_ns);
/* The same had they stood since they first did, or since the worker came where none can. */
uint64_t loop_traps_elapsed_ns(const struct loop_traps *t, const struct loop_workers *w,
			       uint64_t now_ns);
/* CPU time that they have cost workers, and the thread of the probe that places them. */
uint64_t loop_traps_target_ns(const struct loop_traps *t, const struct loop_workers *w);

#endif
