/* SPDX-License-Identifier: MIT */
/*
 * Short looks at what a process asks of its Lua VM's allocator, by a uprobe that is there while one
 * lasts. To take the uprobe out, the kernel waits for all CPUs, some 50 ms: a thread of its own
 * does that. One burst at a time; all functions are for one thread.
 */
#ifndef ACUPOINT_BURSTS_H
#define ACUPOINT_BURSTS_H

#include <linux/types.h>
#include <stdbool.h>

#include "host/failure.h"
#include "instruments/allocations/allocation.h"
#include "instruments/trap.h"
#include "walk/taken_sample.h"

enum { BURST_SITES = 4, BURST_WAIT_US = 100000, BURST_LONGEST_US = 1000000 };

/*
 * Measured in calls, its stretch begins after `wait` calls or BURST_WAIT_US, whichever is first,
 * and is `most` calls long. It is over after BURST_LONGEST_US in any case: so long takes only a
 * process that makes few calls, and that is hardly slowed down.
 */
struct burst {
	pid_t pid;
	/* Where its allocators begin. */
	struct burst_site {
		int fd; /* of the file; stays the caller's, open until the burst is over */
		uint64_t offset;
	} sites[BURST_SITES];
	size_t site_count;
	uint32_t delay_us;   /* before it begins */
	uint32_t length_us;  /* without what it costs; 0: it is measured in calls */
	enum trap_step step; /* of the sites */
	/* In: mean_shift, gap, passed, wait, most, whole, limit and counter. Out: all. */
	struct allocation_watch watch;
	/* Out. */
	uint64_t watched_ns; /* while it counted, by the clock */
	uint64_t cpu_ns;     /* that the process used in that time, cost included */
	uint64_t target_ns;  /* CPU time that it cost the process, from its beginning on */
	uint64_t trap_ns;    /* for each call */
	uint64_t cost_ns;    /* and that with the probe's */
	bool cut;	     /* it was to count whole requests and ended within one */
	int error;	     /* -errno: why there was none; or 0 */
};

struct bursts;
struct walk_share;

/* NULL with `error`: what this kernel lacks. */
struct bursts *bursts_open(const struct walk_share *share, struct failure *error);
/* Waits for the end of a burst. */
void bursts_close(struct bursts *b);

/* Returns the cost of a hit that a process must expect, by trying it out. */
uint64_t bursts_trap_ns(const struct bursts *b, enum trap_step step);

void bursts_begin(struct bursts *b, const struct burst *burst);
bool bursts_running(struct bursts *b);
/* Has one ended that bursts_end() was not called for? */
bool bursts_over(struct bursts *b);
/* Waits until one that was begun is over. */
void bursts_finish(struct bursts *b);

typedef void (*bursts_take)(void *context, const struct taken_sample *sample, uint64_t bytes);
/*
 * Hands samples over that came in. True once for each burst that is over: all of its samples were
 * handed over then. `out` is the burst, with what it found.
 */
bool bursts_end(struct bursts *b, bursts_take take, void *context, struct burst *out);

#endif
