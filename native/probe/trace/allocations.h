/* SPDX-License-Identifier: MIT */
/*
 * The allocation profile: bursts on one process after another, at random moments, as long and as
 * often as they may cost. What they find becomes rows of the model.
 */
#ifndef ACUPOINT_ALLOCATIONS_H
#define ACUPOINT_ALLOCATIONS_H

#include "nginx/request_count.h"
#include "sampler/sampler.h"
#include "trace/process.h"
#include "trace/stack.h"

/* As AllocationBursts in acupoint.proto. */
struct allocation_stats {
	bool on;
	uint64_t watched_us, elapsed_us;
	uint64_t allocations, bytes, lost_bytes;
	double requests;
	uint64_t cost_ns;   /* CPU time, in the processes and the probe */
	uint64_t target_ns; /* of that, in the processes */
	uint64_t trap_ns;   /* what a call of the allocator costs more during one */
	uint64_t bursts;
	const char *missing;
};

struct allocation_profile;

/* `percent` of a core for each process. NULL with `error`. */
struct allocation_profile *allocation_profile_new(const struct walk_share *share, float percent,
						  struct trace_error *error);
/* Rows of what the last burst found are the model's then. */
void allocation_profile_end(struct allocation_profile *a, struct stacks *stacks,
			    struct process *const *processes, size_t count);
void allocation_profile_free(struct allocation_profile *a);

/* Has a burst ended? Then what it found will be named by the next function. */
bool allocation_profile_has_news(const struct allocation_profile *a);
/* Ends the burst that is over, begins one that is due. When it wants to be called again. */
uint64_t allocation_profile_tick(struct allocation_profile *a, struct stacks *stacks,
				 struct process *const *processes, size_t count, uint64_t now_ns);
void allocation_profile_stats(const struct allocation_profile *a, struct allocation_stats *out);

#endif
