/* SPDX-License-Identifier: MIT */
/*
 * The iteration of a worker's loop that runs, in parts: how long it was at which stack. Each time
 * belongs to the stack that was met next after it, since a stack is taken when its time is over.
 */
#ifndef ACUPOINT_STALL_H
#define ACUPOINT_STALL_H

#include <linux/types.h>

#include "instruments/loop/loop_turn.h"
#include "model/model.h"

enum { STALL_PARTS = 64 };

struct stall_part {
	struct model_place place;
	uint64_t ns;
	uint32_t looks; /* how often this stack was met */
};

struct stall {
	uint64_t began;		       /* 0: nothing is known */
	uint64_t until;		       /* so far its time is in parts, or in those below */
	uint64_t awaits;	       /* the value of the sample that comes next */
	uint64_t ready_ns;	       /* belongs to the stack that is met next */
	uint64_t unknown_ns, other_ns; /* nobody took a stack; there are too many */
	struct stall_part parts[STALL_PARTS];
	uint32_t count;
	struct model_place last;
	bool has_last;
};

/* A stack was taken, and will come. */
void stall_looked(struct stall *s, const struct loop_event *e);
void stall_stack(struct stall *s, uint64_t value, const struct model_place *place);
/* The thread was away, blocked or without a CPU. */
void stall_away(struct stall *s, const struct loop_event *e);
/* The iteration is over: all its time is in parts. stall_begin() follows. */
void stall_end(struct stall *s, uint64_t began, uint64_t until);
/* Another begins. */
void stall_begin(struct stall *s, uint64_t began);

#endif
