/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The native unwinder's part of a BPF object: its maps, and global functions that the verifier
 * checks once each. The includer defines WALK_READ. Use: fill in unwind_walk() and the first frame,
 * then call unwind_frames() until it is not 0.
 */
#ifndef ACUPOINT_UNWIND_BPF_H
#define ACUPOINT_UNWIND_BPF_H

#include "walk/rule.h"
#include "walk/space.h"

/* The walk is the scratch's first member. */
#define UNWIND_RULE(walk, address) unwind_rule_of((struct unwind_scratch *)(walk), (address))
struct unwind_scratch;
static __always_inline __u32 unwind_rule_of(struct unwind_scratch *s, __u64 address);

#include "walk/step.h"

#define UNWIND_FRAMES 128
#define UNWIND_FRAMES_PER_CALL 4
#define UNWIND_PAST_STEPS 4

/*
 * One frame of the last sample on this CPU. The root half of a stack is most often that of the
 * sample before: its rules are found again in order, in memory that lies together.
 */
struct unwind_past {
	__u64 key; /* owner << 48 | address */
	__u32 sp;  /* the low half, only to find the entry */
	__u32 rule;
};

struct unwind_scratch {
	struct unwind_walk walk;
	__u32 frames;
	__u32 side;	  /* which path is being written; the other is the last sample's */
	__u32 past, next; /* entries of the last sample's, and the first that may still be met */
	__u64 frame[UNWIND_FRAMES];
	struct unwind_past path[2][UNWIND_FRAMES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct unwind_scratch);
} unwind_scratches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, UNWIND_SPACES);
	__type(key, __u32);
	__type(value, struct unwind_space);
} unwind_spaces SEC(".maps");

struct unwind_chunk {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, UNWIND_CHUNK_ROWS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct unwind_row));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, UNWIND_CHUNKS);
	__type(key, __u32);
	__array(values, struct unwind_chunk);
} unwind_chunks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, UNWIND_CACHE);
	__type(key, __u32);
	__type(value, struct unwind_cached);
} unwind_cache SEC(".maps");

static __always_inline struct unwind_scratch *unwind_scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&unwind_scratches, &zero);
}

/* The rule for `pc`, whose page's entry is `index`. */
__noinline int unwind_find_row(__u32 index, __u32 pc)
{
	__u32 chunk = index / UNWIND_CHUNK_ROWS, low, high, middle, rule = UNWIND_NONE;
	struct unwind_row *row;
	void *rows;
	int i;

	rows = bpf_map_lookup_elem(&unwind_chunks, &chunk);
	if (!rows)
		return UNWIND_NONE;
	index %= UNWIND_CHUNK_ROWS;
	row = bpf_map_lookup_elem(rows, &index);
	if (!row)
		return UNWIND_NONE;
	low = row->pc;
	high = row->rule;
	for (i = 0; i <= UNWIND_PAGE_SHIFT; i++) {
		if (low >= high)
			break;
		middle = (low + high) / 2;
		row = bpf_map_lookup_elem(rows, &middle);
		if (!row)
			break;
		if (row->pc <= pc) {
			rule = row->rule;
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return rule;
}

/* The rule for an address of a process, or an UNWIND_ANSWER. */
__noinline int unwind_find_rule(__u32 slot, __u64 address)
{
	struct unwind_space *space = bpf_map_lookup_elem(&unwind_spaces, &slot);
	__u32 low = 0, high, middle, pc, page;
	struct unwind_range *r;
	int i;

	if (!space)
		return UNWIND_ANSWER_UNMAPPED;
	high = space->count;
	for (i = 0; i < 8; i++) {
		if (low >= high)
			break;
		middle = (low + high) / 2;
		if (middle >= UNWIND_RANGES)
			break;
		if (space->ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || low > UNWIND_RANGES)
		return UNWIND_ANSWER_UNMAPPED;
	r = &space->ranges[low - 1];
	if (address - r->start >= r->size)
		return UNWIND_ANSWER_UNMAPPED;
	switch (r->kind) {
	case UNWIND_RANGE_ROWS:
		pc = r->pc + (__u32)(address - r->start);
		page = (pc - r->origin) >> UNWIND_PAGE_SHIFT;
		if (pc < r->origin || !r->pages)
			return UNWIND_NONE;
		/* Past the last page the last row goes on. */
		if (page >= r->pages)
			page = r->pages - 1;
		return unwind_find_row(r->index + page, pc);
	case UNWIND_RANGE_UNLOADED:
		return UNWIND_ANSWER_WANTED;
	case UNWIND_RANGE_LUAJIT:
		return UNWIND_ANSWER_LUAJIT;
	default:
		return UNWIND_ANSWER_FOREIGN;
	}
}

/* The same, from the cache where it is there. `key` is the owner and the address. */
static __always_inline __u32 unwind_cached_rule(const struct unwind_walk *w, __u64 key)
{
	__u64 hash = key * 0x9e3779b97f4a7c15ULL;
	__u32 rule, check = (__u32)(hash >> 8), index = hash >> UNWIND_CACHE_SHIFT;
	struct unwind_cached *c = bpf_map_lookup_elem(&unwind_cache, &index);

	if (c && c->key == key && c->rule >> 32 == check)
		return (__u32)c->rule;
	rule = (__u32)unwind_find_rule(w->space, key & 0xffffffffffffULL);
	if (c) {
		c->rule = (__u64)check << 32 | rule;
		c->key = key;
	}
	return rule;
}

static __always_inline struct unwind_past *unwind_past_of(struct unwind_scratch *s, __u32 side,
							  __u32 n)
{
	/* Else the compiler drops the bound that it knows, and the verifier does not. */
	barrier_var(n);
	return &s->path[side & 1][n & (UNWIND_FRAMES - 1)];
}

/* The rule of the frame that the walk stands on: from the last sample, the cache or the tables. */
static __always_inline __u32 unwind_rule_of(struct unwind_scratch *s, __u64 address)
{
	__u64 key = (__u64)s->walk.owner << 48 | (address & 0xffffffffffffULL);
	struct unwind_past *here = unwind_past_of(s, s->side, s->frames), *past;
	__u32 sp = (__u32)s->walk.sp, next = s->next;
	int i;

	here->key = key;
	for (i = 0; i < UNWIND_PAST_STEPS; i++) {
		if (next >= s->past)
			break;
		past = unwind_past_of(s, ~s->side, next);
		if (past->sp > sp)
			break;
		next++;
		if (past->sp != sp || past->key != key)
			continue;
		s->next = next;
		here->rule = past->rule;
		return past->rule;
	}
	s->next = next;
	here->rule = unwind_cached_rule(&s->walk, key);
	return here->rule;
}

/* `r` is the program's context or a copy of it. */
static __always_inline void unwind_take(struct unwind_walk *w, const struct user_regs *r)
{
	w->ip = REGS_IP(r);
	w->sp = REGS_SP(r);
#if defined(__TARGET_ARCH_x86)
	w->fp = r->bp;
	w->lr = 0;
	w->registers[0] = r->ax;
	w->registers[1] = r->dx;
	w->registers[2] = r->cx;
	w->registers[3] = r->bx;
	w->registers[4] = r->si;
	w->registers[5] = r->di;
	w->registers[6] = r->bp;
	w->registers[7] = r->sp;
	w->registers[8] = r->r8;
	w->registers[9] = r->r9;
	w->registers[10] = r->r10;
	w->registers[11] = r->r11;
	w->registers[12] = r->r12;
	w->registers[13] = r->r13;
	w->registers[14] = r->r14;
	w->registers[15] = r->r15;
#else
	w->fp = r->regs[29];
	w->lr = r->regs[30];
#endif
	w->cframe = 0;
	w->first_cframe = 0;
	w->code_start = 0;
	w->code_end = 0;
	w->trace = 0;
	w->gc32 = 0;
	w->old_cframe = 0;
	w->trace_ip = 0;
	w->window_size = 0;
}

/* False where the process has no space in `slot`. */
static __always_inline int unwind_begin(struct unwind_scratch *s, __u32 slot)
{
	struct unwind_space *space = bpf_map_lookup_elem(&unwind_spaces, &slot);

	s->past = s->frames;
	s->next = 0;
	s->side ^= 1;
	s->frames = 0;
	s->walk.leaf = 1;
	s->walk.passed = 0;
	s->walk.exact = 1;
	s->walk.state = UNWIND_UNMAPPED;
	if (!space || !space->owner)
		return 0;
	s->walk.space = slot;
	s->walk.owner = space->owner;
	s->walk.state = UNWIND_GOES_ON;
	return 1;
}

/* Some frames of the walk, up to `most` in all. 0: there are more. */
__noinline int unwind_frames(__u32 most)
{
	struct unwind_scratch *s = unwind_scratch();
	struct unwind_past *here;
	__u64 frame;
	__u32 n;
	int i, gone;

	if (!s)
		return 1;
	for (i = 0; i < UNWIND_FRAMES_PER_CALL; i++) {
		n = s->frames;
		if (n >= most || n >= UNWIND_FRAMES) {
			s->walk.state = UNWIND_FULL;
			return 1;
		}
		here = unwind_past_of(s, s->side, n);
		here->key = 0;
		here->sp = (__u32)s->walk.sp;
		gone = unwind_step(&s->walk, &frame);
		/* Read again, so that the compiler does not count by an index that the verifier
		 * lost. */
		n = s->frames;
		barrier_var(n);
		s->frame[n & (UNWIND_FRAMES - 1)] = frame;
		s->frames = n + 1;
		if (gone || s->walk.state != UNWIND_GOES_ON)
			return 1;
	}
	return 0;
}

#endif
