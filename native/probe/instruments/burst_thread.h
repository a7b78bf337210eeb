/* SPDX-License-Identifier: MIT */
/*
 * A thread that does one piece of work at a time for an instrument. To take a uprobe out, the
 * kernel waits for all CPUs, some 50 ms, and nobody else should. All functions but the work itself
 * are for one thread.
 */
#ifndef ACUPOINT_BURST_THREAD_H
#define ACUPOINT_BURST_THREAD_H

#include <pthread.h>
#include <stdbool.h>

enum burst_thread_state { THREAD_IDLE, THREAD_WANTED, THREAD_DONE, THREAD_LEAVING };

struct burst_thread {
	pthread_t thread;
	bool started;
	pthread_mutex_t lock; /* for `state`, which says whose turn the work's own data is */
	pthread_cond_t changed;
	enum burst_thread_state state;
	void (*work)(void *context);
	void *context;
};

/* 0 or -errno; burst_thread_stop() follows in any case. */
int burst_thread_start(struct burst_thread *t, void (*work)(void *context), void *context);
/* Waits for the end of a piece of work. */
void burst_thread_stop(struct burst_thread *t);

/* Only while it is idle. */
void burst_thread_begin(struct burst_thread *t);
/* Has work that burst_thread_take() was not called for. */
bool burst_thread_busy(struct burst_thread *t);
bool burst_thread_over(struct burst_thread *t);
/* Waits until what was begun is over. */
void burst_thread_wait(struct burst_thread *t);
/* The work is over and its results are taken: it is idle again. */
void burst_thread_take(struct burst_thread *t);

#endif
