/* SPDX-License-Identifier: MIT */
#include "luajit/layout.h"

#include <string.h>

/*
 * Two BC_FUNCC instructions, internal and external, stand right before cur_L in every version. The
 * bit operators of July 2026 moved the opcode; the one behind it is for a wrapped call.
 */
static const uint64_t funcc[] = {0x145f, 0x1466};
#define GLOBAL_READ 0x2000
/* Every version has more bytecodes than this, and each has its handler in the dispatch table. */
#define HANDLERS_MIN 64
#define TRACES_MAX 65536

struct build {
	uint32_t cur_l, dispatch, traces;
};

/*
 * Seen running: luajit2, which was derived from the original of the time, and the original of 2.1
 * (beta 3 is of 2017), each by when it was released or committed.
 */
#if defined(__aarch64__)
static const struct build builds[] = {
	{0x158, 0xf38, 0x410}, {0x160, 0xf38, 0x410}, {0x170, 0xf88, 0x448}, {0x170, 0xf90, 0x448},
	{0x170, 0xf68, 0x440}, {0x170, 0xf70, 0x448}, {0x178, 0xf90, 0x460},
};
#else
static const struct build builds[] = {
	{0x158, 0xf50, 0x428}, /* beta 3 */
	{0x158, 0xf58, 0x430}, /* luajit2 2019-05 to 2020-01 */
	{0x168, 0xf70, 0x450}, /* 2020-08 */
	{0x170, 0xfa0, 0x460}, /* luajit2 2020-10 to 2021-05 */
	{0x170, 0xfa8, 0x460}, /* luajit2 2022-04 to 2024-03 */
	{0x170, 0xf80, 0x458}, /* 2021-06 to 2023-12 */
	{0x170, 0xf88, 0x460}, /* 2025 */
	{0x178, 0xfa0, 0x468}, /* 2026 */
};
#endif
static const struct build builds32[] = {
	{0xf8, 0xc28, 0x310},  /* beta 3 to 2020-01, luajit2 2019-05 to 2020-01 */
	{0x108, 0xc48, 0x338}, /* 2020-08 */
	{0x110, 0xc78, 0x348}, /* luajit2 2020-10 to 2021-05 */
	{0x120, 0xc90, 0x358}, /* luajit2 2022-04 to 2024-03 */
	{0x120, 0xc68, 0x350}, /* 2021-06 to 2023-12 */
	{0x120, 0xc70, 0x358}, /* 2025 */
	{0x128, 0xc88, 0x360}, /* 2026 */
};

/*
 * Where in global_State the reference to the main thread is tells how old the build is. How far
 * the registry is ahead of cur_L, at least and at most, goes with it.
 */
struct age {
	uint32_t main_thread, vm_state, string_length, registry, registry_end;
};
#define AGES 4
static const struct age ages[AGES] = {{0xc0, 0xb8, 0x14, 0x60, 0x68},
				      {0xc8, 0x80, 0x10, 0x88, 0x88},
				      {0xb8, 0xb0, 0x14, 0x60, 0x60},
				      /* Debian's for arm64, of before 2022 */
				      {0xd0, 0x88, 0x10, 0x88, 0x88}};
static const struct age ages32[AGES] = {{0x8c, 0x88, 0x10, 0x48, 0x50},
					{0x80, 0x58, 0x0c, 0x70, 0x70},
					{0x84, 0x80, 0x10, 0x48, 0x48}};

/* Where to look for each field in global_State and behind it: first and last offset. */
static const struct search {
	uint32_t cur_l, cur_l_end, dispatch, traces, traces_end;
} search = {0x100, 0x300, 0xc00, 0x380, 0x540}, search32 = {0xc0, 0x200, 0x900, 0x280, 0x440};

static uint64_t word(const uint8_t *memory, uint32_t offset)
{
	uint64_t value;

	memcpy(&value, memory + offset, sizeof(value));
	return value;
}

static uint64_t reference(const uint8_t *memory, uint32_t offset, bool gc32)
{
	uint64_t value = word(memory, offset);

	return gc32 ? (uint32_t)value : value;
}

static const struct search *search_of(bool gc32)
{
	return gc32 ? &search32 : &search;
}

static uint32_t find_cur_l(const uint8_t *g, bool gc32)
{
	const struct search *where = search_of(gc32);
	uint32_t at;
	uint64_t external;
	size_t i;

	for (at = where->cur_l; at < where->cur_l_end; at += gc32 ? 4 : 8) {
		for (i = 0; i < sizeof(funcc) / sizeof(*funcc); i++) {
			external = word(g, at) >> 32;
			if ((uint32_t)word(g, at) == funcc[i] &&
			    (external == funcc[i] || external == funcc[i] + 1))
				return at + 8;
		}
	}
	return 0;
}

/* The first long run of pointers into one executable mapping. */
static uint32_t find_dispatch(const uint8_t *g, size_t size, const struct mappings *maps, bool gc32,
			      uint64_t *handler)
{
	const struct mapping *code = NULL;
	uint32_t at, begin = 0, run = 0;
	uint64_t value;

	for (at = search_of(gc32)->dispatch; at + 8 <= size; at += 8) {
		value = word(g, at);
		if (!run || value < code->start || value >= code->end) {
			code = mappings_find(maps, value);
			run = code && code->perms[2] == 'x' && code->inode ? 1 : 0;
			begin = at;
		} else if (++run == HANDLERS_MIN) {
			*handler = value;
			return begin;
		}
	}
	return 0;
}

/* The registry is a table in a TValue of its own, ahead of the list of open upvalues. */
static uint32_t find_registry(const uint8_t *g, uint32_t cur_l, bool gc32, const struct age *age)
{
	uint32_t distance;
	int64_t value;

	for (distance = age->registry; distance <= age->registry_end; distance += 8) {
		value = (int64_t)word(g, cur_l - distance);
		if (value >> (gc32 ? 32 : 47) == ~LUA_TABLE)
			return cur_l - distance;
	}
	return 0;
}

/* Does {array, free, size} at this address hold traces? -1: it holds none, so it cannot be told. */
static int holds_traces(const struct memory *m, const struct layout *l, uint64_t address)
{
	struct {
		uint64_t array;
		uint32_t free, size;
	} traces;
	uint8_t entries[256 * 8];
	uint64_t trace;
	uint16_t number;
	uint8_t gct;
	size_t count, i;

	if (!memory_read(m, address, &traces, sizeof(traces)) || traces.size > TRACES_MAX ||
	    traces.free > TRACES_MAX)
		return 0;
	if (!traces.size)
		return traces.array ? 0 : -1;
	count = traces.size < 256 ? traces.size : 256;
	if (!memory_read(m, traces.array, entries, count * layout_reference(l)))
		return 0;
	for (i = 1; i < count; i++) {
		trace = 0;
		memcpy(&trace, entries + i * layout_reference(l), layout_reference(l));
		if (!trace)
			continue;
		return memory_read(m, trace + layout_type(l), &gct, 1) && gct == LUA_TRACE &&
		       memory_read(m, trace + (l->gc32 ? 0x50 : 0x68), &number, 2) && number == i;
	}
	return -1;
}

void layout_find_traces(const struct memory *m, uint64_t global, struct layout *layout)
{
	const struct build *b = layout->gc32 ? builds32 : builds;
	size_t count = layout->gc32 ? sizeof(builds32) / sizeof(*b) : sizeof(builds) / sizeof(*b);
	const struct search *where = search_of(layout->gc32);
	uint32_t at;

	for (; count--; b++) {
		if (b->cur_l != layout->cur_l || b->dispatch != layout->dispatch)
			continue;
		layout->known = true;
		if (holds_traces(m, layout, global + b->traces)) {
			layout->traces = b->traces;
			return;
		}
	}
	for (at = where->traces; at < where->traces_end; at += 8) {
		if (holds_traces(m, layout, global + at) == 1) {
			layout->traces = at;
			return;
		}
	}
}

bool layout_derive(const struct memory *m, const struct mappings *maps, uint64_t main_thread,
		   uint32_t state_size, bool gc32, struct layout *out, uint64_t *first_handler,
		   const char **why)
{
	uint64_t global = main_thread + state_size;
	const struct age *age = gc32 ? ages32 : ages;
	uint8_t g[GLOBAL_READ];
	size_t size, i;

	memset(out, 0, sizeof(*out));
	out->gc32 = gc32;
	size = memory_read_some(m, global, g, sizeof(g));
	*why = "its global state cannot be read";
	if (size < 0x1400)
		return false;
	*why = "no main thread where every known build has it";
	for (i = 0; i < AGES && reference(g, age[i].main_thread, gc32) != main_thread;)
		i++;
	if (i == AGES)
		return false;
	out->main_thread = age[i].main_thread;
	out->vm_state = age[i].vm_state;
	out->string_length = age[i].string_length;
	*why = "no call instructions ahead of the current thread";
	out->cur_l = find_cur_l(g, gc32);
	if (!out->cur_l)
		return false;
	out->jit_base = out->cur_l + layout_reference(out);
	out->state_size = state_size;
	out->registry = find_registry(g, out->cur_l, gc32, &age[i]);
	*why = "no dispatch table";
	out->dispatch = find_dispatch(g, size, maps, gc32, first_handler);
	if (!out->dispatch)
		return false;
	layout_find_traces(m, global, out);
	*why = "";
	return true;
}
