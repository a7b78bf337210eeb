/* SPDX-License-Identifier: MIT */
#include "luajit/segments.h"

#include <string.h>

#include "luajit/collector.h"

enum {
	TRIES = 3,
	SEGMENTS_MAX = 1024,
	/* The state begins its first segment, behind the head of a block. */
	BLOCK_HEAD = 16,
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

static bool read_segments(const struct memory *m, uint64_t at, uint64_t *bytes)
{
	struct segment segment;
	struct state state;
	bool own = false;

	if (!memory_read(m, at, &state, sizeof(state)) || !fits(&state))
		return false;
	*bytes = 0;
	segment = state.newest;
	for (int i = 0; i < SEGMENTS_MAX; i++) {
		if (!is_page(segment.base) || !is_page(segment.size) || segment.size > SIZE_LIMIT)
			return false;
		*bytes += segment.size;
		/* One of them is the one that the state itself is in. */
		own = own || holds(&segment, at);
		if (!segment.next)
			return own;
		if (!memory_read(m, segment.next, &segment, sizeof(segment)))
			return false;
	}
	return false;
}

bool allocator_segments(const struct lua_vm *vm, uint64_t *bytes)
{
	uint64_t at, data = vm->global + collector_offsets(&vm->layout).allocator_data;

	if (vm->layout.gc32 || !memory_u64(&vm->memory, data, &at) || (at & 0xfff) != BLOCK_HEAD)
		return false;
	/* It works meanwhile. */
	for (int i = 0; i < TRIES; i++)
		if (read_segments(&vm->memory, at, bytes))
			return true;
	return false;
}
