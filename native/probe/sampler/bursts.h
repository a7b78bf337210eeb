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

#include "sampler/allocation.h"
#include "sampler/sampler.h"

enum { BURST_SITES = 4, BURST_LONGEST_US = 20000 };

struct burst {
	pid_t pid;
	/* Where its allocators begin. */
	struct burst_site {
		int fd; /* of the file; stays the caller's, open until the burst is over */
		uint64_t offset;
	} sites[BURST_SITES];
	size_t site_count;
	uint32_t wait_us; /* before it begins */
	/*
	 * From then on, what it costs the process left out. Where that is so much that it takes
	 * longer than BURST_LONGEST_US, it ends then.
	 */
	uint32_t length_us;
	/* In: mean_shift, gap and passed. Out: all. */
	struct allocation_watch watch;
	/* A count of the target that is read as the burst begins and ends; address 0: none. */
	pid_t counter_pid;
	uint64_t counter_address;
	/* Out. */
	uint64_t watched_ns; /* by the clock */
	uint64_t cpu_ns;     /* that the process used meanwhile, cost included */
	bool cut;	     /* it ended before its length */
	uint64_t counted; /* by how much that count grew */
	uint64_t target_ns; /* CPU time that it cost the target */
	uint64_t cost_ns;   /* and that with the probe's */
	int error;	    /* -errno: why there was none; or 0 */
};

struct bursts;

/* NULL with `error`: what this kernel lacks. */
struct bursts *bursts_open(const struct walk_share *share, struct trace_error *error);
/* Waits for the end of a burst. */
void bursts_close(struct bursts *b);

void bursts_begin(struct bursts *b, const struct burst *burst);
bool bursts_running(struct bursts *b);
/* Waits until one that was begun is over. */
void bursts_finish(struct bursts *b);

typedef void (*bursts_take)(void *context, const struct taken_sample *sample, uint64_t bytes);
/*
 * True once for each burst that is over: all its samples were handed over before. `out` is the
 * burst, with what it found.
 */
bool bursts_end(struct bursts *b, bursts_take take, void *context, struct burst *out);

#endif
