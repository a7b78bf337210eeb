/* SPDX-License-Identifier: MIT */
/* The instruments that a trace has switched on, and the sums of those that it switched off. */
#ifndef ACUPOINT_WATCHING_H
#define ACUPOINT_WATCHING_H

#include "instruments/instrument.h"
#include "trace/trace.h"

struct watching {
	struct traced traced; /* kept up to date by the trace; `percent` is of all together */
	struct watching_one {
		const struct instrument_ops *ops;
		struct instrument *running; /* NULL: off */
		bool was_on;
		struct traced traced;	      /* as `traced`, with its own part of the budget */
		struct instrument_state last; /* when it was switched off */
		uint64_t due_ns;
	} items[INSTRUMENTS_MAX];
};

void watching_init(struct watching *w, const struct traced *traced);
/* Ends nothing: the last rows are lost. */
void watching_close(struct watching *w);
/* The processes are others now: add() after one has joined, remove() before one leaves. */
void watching_add(struct watching *w, struct process *const *processes, size_t count);
void watching_remove(struct watching *w, struct process *p);
void watching_removed(struct watching *w, struct process *const *processes, size_t count);

/*
 * As trace_watch(). The budget of all instruments is divided among those that are on.
 */
int watching_switch(struct watching *w, const char *id, bool on, float percent,
		    struct failure *error);
uint64_t watching_tick(struct watching *w, uint64_t now_ns);
size_t watching_list(const struct watching *w, struct watched *out);

#endif
