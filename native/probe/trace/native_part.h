/* SPDX-License-Identifier: MIT */
/*
 * The native frames of a sample, which go into the model from the root on, in turns with the Lua
 * frames that stand where the unwinder passed the interpreter.
 */
#ifndef ACUPOINT_NATIVE_PART_H
#define ACUPOINT_NATIVE_PART_H

#include "trace/stack.h"

#define NATIVE_MARKS_MAX 32

struct native_part {
	struct stacks *stacks;
	struct process *process;
	const uint64_t *items;		/* from the leaf to the root */
	size_t left;			/* those that are not in the model yet, at the leaf's end */
	size_t marks[NATIVE_MARKS_MAX]; /* places of the marks in items, counted from the Lua leaf's
					 */
	size_t mark_count;
	uint64_t ip;
	bool lua_known; /* what stands at the marks is in the model; else it is said to be unknown
			 */
	bool cut;	/* the root was not reached, which is still to be said */
	uint64_t function; /* the C function that Lua called last and that stands in the model; 0:
			      none */
};

void native_part_begin(struct native_part *n, struct stacks *s, struct process *p,
		       const struct taken_sample *sample);

/*
 * The stack with the native frames up to the interpreter's C frame of this depth, counted from the
 * leaf. One that the unwinder did not reach adds none.
 */
uint32_t native_part_until(struct native_part *n, uint32_t stack, size_t depth);
/* With all that are left, up to the leaf. */
uint32_t native_part_rest(struct native_part *n, uint32_t stack);

/* The frame of the model for an address in native code. */
uint32_t native_frame(struct stacks *s, struct process *p, uint64_t address);

#endif
