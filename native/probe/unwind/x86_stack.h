/* SPDX-License-Identifier: MIT */
/* What an x86-64 instruction does to the frame of its function, and where it goes on. */
#ifndef ACUPOINT_UNWIND_X86_STACK_H
#define ACUPOINT_UNWIND_X86_STACK_H

#include "unwind/x86_code.h"

/* Counted in words from the CFA downwards: where a function begins the stack pointer is 1 below. */
struct x86_frame {
	int16_t depth; /* of the stack pointer; 0: not known */
	uint8_t saved; /* where the caller's rbp is; 0: in rbp */
	uint8_t base;  /* where rbp points to; 0: elsewhere */
	bool outermost;
};

enum x86_way {
	X86_GOES_ON,
	X86_BRANCHES, /* or goes on */
	X86_JUMPS,    /* to a place that the instruction has */
	X86_RETURNS,
	X86_DISPATCHES, /* to a place that a register or memory has */
	X86_ENDS,	/* nothing comes after it */
};

static inline struct x86_frame x86_frame_at_entry(void)
{
	return (struct x86_frame){.depth = 1};
}

/* Brings `f` to behind the instruction. */
enum x86_way x86_follow(const struct x86_instruction *i, struct x86_frame *f);

#endif
