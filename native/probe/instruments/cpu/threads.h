/* SPDX-License-Identifier: MIT */
/* What samples the threads of processes, one for each thread: most often a perf event. */
#ifndef ACUPOINT_THREADS_H
#define ACUPOINT_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/chance.h"

struct threads;

struct thread_event {
	pid_t pid;
	pid_t tid;
	int fd;
	void *ring; /* NULL: none */
	size_t ring_size;
	/* Of its CPU time: when its period was last changed, by the event's own count. */
	uint64_t changed_ns;
};

/* Fills in `out`'s fd and ring for its thread. 0 or -errno. */
typedef int (*thread_attach)(const struct threads *t, struct thread_event *out);

struct threads {
	struct thread_event *items;
	size_t count, capacity;
	thread_attach attach; /* NULL: an event with the BPF program behind it */
	bool only_user;	      /* attach's: what happens in the kernel is not seen */
	uint64_t period_ns;
	struct chance chance;
};

/*
 * Opens events for the threads of `pid` that have none and closes those of threads that are gone.
 * 0, or -errno of the first event that could not be had although its thread is alive.
 */
int threads_follow(struct threads *t, pid_t pid);
void threads_forget(struct threads *t, pid_t pid);
int threads_set_period(struct threads *t, uint64_t period_ns);
/*
 * Gives each thread of `pid` that has run for long enough since its last one a period of its own, a
 * tenth longer or shorter at most: a load that has a period as well is not always met at the same
 * point of it. On average the rate stays as it was asked for.
 */
void threads_jitter(struct threads *t, pid_t pid);
void threads_free(struct threads *t);

#endif
