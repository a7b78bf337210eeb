/* SPDX-License-Identifier: MIT */
/*
 * Holds all threads of a process for a moment. Whoever holds them is their tracer for just that
 * time: the kernel lets them run on when it dies, however it dies, and an alarm ends it when it
 * holds them for too long.
 */
#ifndef ACUPOINT_STOP_H
#define ACUPOINT_STOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { STOP_MAX_THREADS = 256 };

struct stop {
	pid_t pid;
	pid_t threads[STOP_MAX_THREADS]; /* those that are traced */
	bool stands[STOP_MAX_THREADS];
	int statuses[STOP_MAX_THREADS]; /* as waitpid() gave them */
	size_t count;
	uint64_t began_ns;
};

/* Becomes the tracer of all threads; they run on. 0 or -errno, and then none is traced. */
int stop_prepare(struct stop *s, pid_t pid);
/*
 * Stops them all. They stand for `limit_ns` at most: the alarm ends this process then. False: the
 * process has ended.
 */
bool stop_begin(struct stop *s, uint64_t limit_ns);
/* Lets them run on, untraced. How long they stood, in ns. */
uint64_t stop_end(struct stop *s);

#endif
