/* SPDX-License-Identifier: MIT */
/*
 * The native frames of a sample, which are appended from the root on, in turns with the Lua frames
 * that stand where the unwinder passed the interpreter.
 */
#ifndef ACUPOINT_NATIVE_PART_H
#define ACUPOINT_NATIVE_PART_H

#include "naming/naming.h"

#define NATIVE_MARKS_MAX 32

struct native_part {
	struct naming *naming;
	struct process *process;
	struct frame_list *frames;
	const uint64_t *items;		/* from the leaf to the root */
	size_t left;			/* those that are not in the list yet, at the leaf's end */
	size_t marks[NATIVE_MARKS_MAX]; /* places of the marks in items, counted from the Lua leaf's
					 */
	size_t mark_count;
	uint64_t ip;
	bool lua_known; /* what stands at the marks is in the model; else it is said to be unknown
			 */
	uint32_t end;	/* how the walk ended, until it is said: an enum unwind_state */
	uint64_t function; /* the C function that Lua called last and that stands in the model; 0:
			      none */
};

void native_part_begin(struct native_part *n, struct naming *s, struct process *p,
		       const struct taken_sample *sample, struct frame_list *frames);

/*
 * Appends the native frames up to the interpreter's C frame of this depth, counted from the leaf.
 * One that the unwinder did not reach adds none.
 */
void native_part_until(struct native_part *n, size_t depth);
/* An address in the native function that the innermost Lua called; 0: none, or not known. */
uint64_t native_part_callee(const struct native_part *n);
/* Appends all that are left, up to the leaf. */
void native_part_rest(struct native_part *n);

/* The frame of the model for an address in native code. */
uint32_t native_frame(struct naming *s, struct process *p, uint64_t address);

#endif
