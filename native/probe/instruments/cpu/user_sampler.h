/* SPDX-License-Identifier: MIT */
/*
 * The common part of the samplers without BPF: a thread of the probe that takes samples at once,
 * since the Lua stack does not wait, and a queue to the thread that polls.
 */
#ifndef ACUPOINT_USER_SAMPLER_H
#define ACUPOINT_USER_SAMPLER_H

#include <pthread.h>
#include <stdatomic.h>

#include "instruments/cpu/sample_queue.h"
#include "instruments/cpu/sampler.h"
#include "instruments/cpu/threads.h"
#include "instruments/cpu/user_walker.h"
#include "unwind/missing.h"
#include "unwind/unwind.h"

struct sampler {
	/* Held while threads, rate and the walker's processes change, and while samples are taken.
	 */
	pthread_mutex_t lock;
	pthread_t taker;
	bool taking;
	atomic_bool ending;
	int wake; /* eventfd: the threads are others now, or the end has come */
	struct threads threads;
	atomic_uint_least64_t lost;
	uint64_t malformed;
	uint64_t stopped_ns, longest_stop_ns; /* under the lock */
	struct unwind_memory *memory;
	struct unwind *unwind;
	struct missing missing;
	struct sample_queue queue;
	/* Of the taker: changes a sample before it is queued. NULL: leaves it. */
	void (*finish)(struct sampler *s, struct sample *sample);
	void *own; /* the taker's */
};

/* `run` is the taker's body; it returns soon after `ending` was set and `wake` written to. */
struct sampler *user_sampler_open(uint32_t rate_hz, thread_attach attach, void *(*run)(void *),
				  struct failure *error);
void user_sampler_close(struct sampler *s);
int user_sampler_add(struct sampler *s, pid_t pid, const struct sampled_process *process,
		     struct failure *error);
void user_sampler_remove(struct sampler *s, pid_t pid);
int user_sampler_describe(struct sampler *s, pid_t pid, const struct sampled_process *process);
void user_sampler_follow(struct sampler *s, pid_t pid);
int user_sampler_poll(struct sampler *s, sampler_take take, void *context);
void user_sampler_count(struct sampler *s, struct sampler_counts *out);
void user_sampler_wake(struct sampler *s);

#endif
