/* SPDX-License-Identifier: MIT */
/* Perf events, one for each thread of the sampled processes, with a BPF program behind them. */
#ifndef ACUPOINT_THREADS_H
#define ACUPOINT_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct thread_event {
	pid_t pid;
	pid_t tid;
	int fd;
};

struct threads {
	struct thread_event *items;
	size_t count, capacity;
	int program; /* file descriptor */
	uint64_t period_ns;
};

/* May this process have such events, in the kernel's code too? */
bool threads_allowed(void);

/*
 * Opens events for the threads of `pid` that have none and closes those of threads that are gone.
 * 0, or -errno of the first event that could not be had although its thread is alive.
 */
int threads_follow(struct threads *t, pid_t pid);
void threads_forget(struct threads *t, pid_t pid);
int threads_set_period(struct threads *t, uint64_t period_ns);
void threads_free(struct threads *t);

#endif
