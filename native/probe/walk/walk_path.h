/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The frames of the sample before, in order. Part of walk.h, for BPF and for user space. */
#ifndef ACUPOINT_WALK_PATH_H
#define ACUPOINT_WALK_PATH_H

#include "walk/walk_cache.h"

/* A power of 2. */
#define WALK_PATH 128
#define WALK_PAST_STEPS 4

/*
 * A frame that walk_known_frames() reported. The root half of a stack is most often that of the
 * sample before: there its frames are met again in order, in memory that lies together and that can
 * be fetched ahead, while which position is looked up next hangs on the one before.
 */
struct walk_past {
	__u64 pc;
	__u64 link;	    /* above bit 48 the slot of the Lua stack that it was in */
	__u64 function;	    /* above bit 48 by how many bytes its caller's frame is below it */
	__u32 proto, print; /* as of a position */
};
#define WALK_SLOT_SHIFT 48

struct walk_paths {
	__u64 now;	  /* what is from another moment is not used */
	__u32 side;	  /* which path is being written; the other is the last sample's */
	__u32 written;	  /* entries of this sample's */
	__u32 past, next; /* entries of the last sample's, and the first that may still be met */
	struct walk_past path[2][WALK_PATH] __attribute__((aligned(64)));
};

/* The verifier of 5.10 wants the bound of an index in its own terms. */
#if defined(__bpf__)
#define BOUND_PATH(index) asm volatile("%0 &= 127" : "+r"(index))
#else
#define BOUND_PATH(index) ((index) &= WALK_PATH - 1)
#endif
_Static_assert(WALK_PATH == 128, "the bound of an index");

static inline struct walk_past *walk_past_of(struct walk_paths *p, __u32 side, __u32 n)
{
	__u64 index = n;

	BOUND_PATH(index);
	return &p->path[side & 1][index];
}

/* Before a sample's first frame: what was written is what can be met. */
static inline void walk_begin_path(struct walk_paths *p, __u64 now)
{
	p->past = p->now == now ? p->written : 0;
	p->now = now;
	p->side ^= 1;
	p->next = 0;
	p->written = 0;
}

/* The entry of the last walk's path that can be the frame in `slot`; NULL: there is none. */
static inline const struct walk_past *walk_meet(struct walk_paths *p, __u64 slot)
{
	const struct walk_past *past;
	__u32 next = p->next;
	int i;

	for (i = 0; i < WALK_PAST_STEPS && next < p->past; i++) {
		past = walk_past_of(p, ~p->side, next);
		if (past->link >> WALK_SLOT_SHIFT <= slot) {
			p->next = next;
			return past;
		}
		next++;
	}
	p->next = next;
	return 0;
}

/* Fills in a frame by what is known of its position and of where it was called. 0: not known. */
static inline int walk_look_up(struct walk_cache *c, struct walk_past *out)
{
	__u64 link = out->link & WALK_FUNCTION_BITS;
	const struct walk_position *p = walk_position_of(c, out->pc);
	const struct walk_position *caller = walk_position_of(c, link);

	if (!walk_was_in(p, c, out->pc, out->function) || !walk_is_known(caller, c, link) ||
	    !(caller->function >> WALK_BYTES_SHIFT))
		return 0;
	out->function |= caller->function & ~WALK_FUNCTION_BITS;
	out->proto = p->proto;
	out->print = p->print;
	return 1;
}

#endif
