/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * A walk over a Lua stack keeps a part of what it read: it costs by its reads of the target's
 * memory, and a large one costs hardly more than a small one. So the stack is read a piece at a
 * time, and what bytecode is and where it is called from, which does not change while it lives, is
 * kept for a moment (`now` says which) and one process. Part of walk.h, for BPF and for user space.
 */
#ifndef ACUPOINT_WALK_CACHE_H
#define ACUPOINT_WALK_CACHE_H

#include "walk/objects.h"
#include "walk/sample.h"

/* Powers of 2. */
#define WALK_PROTOS 64
#define WALK_POSITIONS 512
#define WALK_WINDOW 64

/*
 * A position in the bytecode and the function that was seen to be there: half a cache line. Where
 * the same function stands at the same position again its prototype need not be asked for. One
 * without the other would not do, since functions come and go within microseconds.
 */
struct walk_position {
	__u64 pc, now;
	/* Above bit 48 how many bytes the frame that calls from here is below its callee's; 0: not
	 * known. */
	__u64 function;
	__u32 proto; /* bytes from the GCproto to `pc` */
	__u32 print;
};
#define WALK_FUNCTION_BITS 0xffffffffffffULL
#define WALK_BYTES_SHIFT 48
#define WALK_NO_FUNCTION WALK_FUNCTION_BITS

struct walk_proto {
	__u64 proto, now;
	__u32 print, size; /* size: instructions */
};

struct walk_cache {
	__u64 now;
	/* A piece of the Lua stack; index 0 is at `window_start`, 0: nothing was read. */
	__u64 window_start;
	__u64 window[WALK_WINDOW];
	struct walk_position positions[WALK_POSITIONS] __attribute__((aligned(64)));
	struct walk_proto protos[WALK_PROTOS];
};

/* Mixed twice: functions that are alike lie at equal distances, which one product keeps. */
static inline __u32 walk_hash(__u64 address, __u32 entries)
{
	__u64 h = address * 0x9e3779b97f4a7c15ULL;

	return (__u32)((h ^ h >> 32) * 0xbf58476d1ce4e5b9ULL >> 48) & (entries - 1);
}

/* Is this what was found at `pc` lately, in the same process? */
static inline int walk_is_known(const struct walk_position *p, const struct walk_cache *c, __u64 pc)
{
	return p->pc == pc && p->now == c->now;
}

/*
 * Returns what is known of `pc`, or the place for it, which holds another then. Two share a cache
 * line and may stand in either half of it.
 */
static inline struct walk_position *walk_position_of(struct walk_cache *c, __u64 pc)
{
	struct walk_position *p = &c->positions[walk_hash(pc, WALK_POSITIONS) & ~1U];

	if (p->pc == pc || p->now != c->now)
		return p;
	return p + 1;
}

/* The same, and was it in `function`? */
static inline int walk_was_in(const struct walk_position *p, const struct walk_cache *c, __u64 pc,
			      __u64 function)
{
	return walk_is_known(p, c, pc) && (p->function & WALK_FUNCTION_BITS) == function;
}

static inline void walk_begin_position(struct walk_position *p, const struct walk_cache *c,
				       __u64 pc)
{
	if (walk_is_known(p, c, pc))
		return;
	p->pc = pc;
	p->now = c->now;
	p->function = WALK_NO_FUNCTION;
	p->proto = 0;
}

/* `pc` is in the bytecode of `function`, whose prototype this is. */
static inline void walk_keep_function(struct walk_cache *c, __u64 pc, __u64 function,
				      const struct walk_proto *proto)
{
	struct walk_position *p = walk_position_of(c, pc);

	walk_begin_position(p, c, pc);
	p->function = (p->function & ~WALK_FUNCTION_BITS) | function;
	p->proto = (__u32)(pc - proto->proto);
	p->print = proto->print;
}

/* A GCproto as it is read, from its number of instructions on: with GC64, and without. */
union walk_proto_head {
	struct {
		__u32 size, others[12];
		__u32 chunkname[2];
		__u32 first_line, lines;
	} wide;
	struct {
		__u32 size, others[7];
		__u32 chunkname, first_line, lines;
	} narrow;
};

static inline __u32 walk_print_of(const union walk_proto_head *h, int gc32)
{
	__u64 chunkname;

	if (IS_GC32(gc32))
		return sample_print(h->narrow.chunkname, h->narrow.first_line, h->narrow.lines);
	chunkname = (__u64)h->wide.chunkname[1] << 32 | h->wide.chunkname[0];
	return sample_print(chunkname, h->wide.first_line, h->wide.lines);
}

/* Reads what is not known of it. Below 0: it cannot be read. */
static inline int walk_read_proto(struct walk_cache *c, __u64 proto, int gc32,
				  struct walk_proto *out)
{
	struct walk_proto *known = &c->protos[walk_hash(proto, WALK_PROTOS)];
	union walk_proto_head head;

	if (known->proto != proto || known->now != c->now) {
		if (WALK_READ(&head, sizeof(head), proto + LUA_PROTO_BYTECODES(gc32)))
			return -1;
		known->proto = proto;
		known->now = c->now;
		known->size = head.wide.size;
		known->print = walk_print_of(&head, gc32);
	}
	*out = *known;
	return 0;
}

/* By how many bytes the frame that calls with the instruction behind `pc` is below its callee's. */
static inline int walk_read_call(struct walk_cache *c, __u64 pc, int gc32, __u64 *bytes)
{
	struct walk_position *p = walk_position_of(c, pc);
	__u32 instruction;

	if (!walk_is_known(p, c, pc) || !(p->function & ~WALK_FUNCTION_BITS)) {
		if (WALK_READ(&instruction, 4, pc - 4))
			return -1;
		walk_begin_position(p, c, pc);
		p->function |= (LUA_FRAME_HEAD(gc32) + 8 * (__u64)((instruction >> 8) & 0xff))
			       << WALK_BYTES_SHIFT;
	}
	*bytes = p->function >> WALK_BYTES_SHIFT;
	return 0;
}

#endif
