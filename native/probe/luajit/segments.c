/* SPDX-License-Identifier: MIT */
#include "luajit/segments.h"

#include <stdlib.h>

#include "host/array.h"
#include "luajit/collector.h"

enum {
	TRIES = 3,
	/* 2 GiB, where none lie together. */
	SEGMENTS_MAX = 16384,
	/* Kept free at the end of a segment for what links the next one. */
	FOOT = 64,
};

#define SIZE_LIMIT (1ULL << 40)

/* Of lj_alloc.c; the same in all versions, but for what follows it. */
struct segment {
	uint64_t base, size, next;
};
struct state {
	uint32_t small_map, tree_map;
	uint64_t victim_size, top_size, victim, top, trim_check, release_checks;
	uint64_t small_bins[66], tree_bins[32];
	struct segment newest;
};

static bool holds(const struct segment *s, uint64_t address)
{
	return address >= s->base && address - s->base < s->size;
}

static bool is_page(uint64_t address)
{
	return address && !(address & 0xfff);
}

/* The free block at the end of the newest segment reaches up to its foot. */
static bool fits(const struct state *s)
{
	const struct segment *newest = &s->newest;

	return is_page(newest->base) && is_page(newest->size) && holds(newest, s->top) &&
	       s->top + s->top_size + FOOT == newest->base + newest->size;
}

static bool append(struct segment_list *l, const struct segment *s)
{
	if (!array_reserve(l->items, l->capacity, l->count + 1, 64))
		return false;
	l->items[l->count++] = (struct segment_range){s->base, s->base + s->size};
	return true;
}

static bool read_segments(struct segment_list *l, const struct memory *m, uint64_t at)
{
	struct segment segment;
	struct state state;
	bool own = false;

	if (!memory_read(m, at, &state, sizeof(state)) || !fits(&state))
		return false;
	segment = state.newest;
	for (int i = 0; i < SEGMENTS_MAX; i++) {
		if (!is_page(segment.base) || !is_page(segment.size) || segment.size > SIZE_LIMIT ||
		    !append(l, &segment))
			return false;
		/* One of them is the one that the state itself is in. */
		own = own || holds(&segment, at);
		if (!segment.next)
			return own;
		if (!memory_read(m, segment.next, &segment, sizeof(segment)))
			return false;
	}
	return false;
}

bool segments_add(struct segment_list *l, const struct memory *m, uint64_t state)
{
	size_t count = l->count;

	if ((state & 0xfff) != ALLOCATOR_STATE_OFFSET)
		return false;
	/* The allocator works at the same time. */
	for (int i = 0; i < TRIES; i++) {
		if (read_segments(l, m, state))
			return true;
		l->count = count;
	}
	return false;
}

void segments_free(struct segment_list *l)
{
	free(l->items);
	*l = (struct segment_list){0};
}

bool segments_of(const struct lua_vm *vm, struct segment_list *l)
{
	uint64_t at, data = vm->global + collector_offsets(&vm->layout).allocator_data;

	return !vm->layout.gc32 && memory_u64(&vm->memory, data, &at) &&
	       segments_add(l, &vm->memory, at);
}

bool allocator_segments(const struct lua_vm *vm, uint64_t *bytes)
{
	struct segment_list l = {0};
	bool known = segments_of(vm, &l);

	*bytes = 0;
	for (size_t i = 0; i < l.count; i++)
		*bytes += l.items[i].end - l.items[i].start;
	segments_free(&l);
	return known;
}
