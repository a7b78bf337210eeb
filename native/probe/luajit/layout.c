/* SPDX-License-Identifier: MIT */
#include "luajit/layout.h"

#include <string.h>

/*
 * Two BC_FUNCC instructions, internal and external, stand right before cur_L in every version. The
 * bit operators of July 2026 moved the opcode; the one behind it is for a wrapped call.
 */
static const uint64_t funcc[] = {0x145f, 0x1466};
#define GLOBAL_READ 0x2000
#define DISPATCH_FROM 0xc00
/* Every version has more bytecodes than this, and each has its handler in the dispatch table. */
#define HANDLERS_MIN 64
#define TRACES_FROM 0x380
#define TRACES_TO 0x540
#define TRACES_MAX 65536

struct build {
	uint32_t cur_l, dispatch, traces;
};

#if defined(__aarch64__)
static const struct build builds[] = {
	{0x158, 0xf38, 0x410}, {0x160, 0xf38, 0x410}, {0x170, 0xf88, 0x448}, {0x170, 0xf90, 0x448},
	{0x170, 0xf68, 0x440}, {0x170, 0xf70, 0x448}, {0x178, 0xf90, 0x460},
};
#else
static const struct build builds[] = {
	{0x158, 0xf50, 0x428}, {0x158, 0xf58, 0x430}, {0x170, 0xfa0, 0x460}, {0x170, 0xfa8, 0x460},
	{0x170, 0xf80, 0x458}, {0x170, 0xf88, 0x460}, {0x178, 0xfa0, 0x468},
};
#endif

static uint64_t word(const uint8_t *memory, uint32_t offset)
{
	uint64_t value;

	memcpy(&value, memory + offset, sizeof(value));
	return value;
}

static uint32_t find_cur_l(const uint8_t *g)
{
	uint32_t at;
	uint64_t external;
	size_t i;

	for (at = 0x100; at < 0x300; at += 8) {
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
static uint32_t find_dispatch(const uint8_t *g, size_t size, const struct mappings *maps,
			      uint64_t *handler)
{
	const struct mapping *code = NULL;
	uint32_t at, begin = 0, run = 0;
	uint64_t value;

	for (at = DISPATCH_FROM; at + 8 <= size; at += 8) {
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
static uint32_t find_registry(const uint8_t *g, uint32_t cur_l)
{
	static const uint32_t distances[] = {0x60, 0x68, 0x70, 0x88};
	size_t i;

	for (i = 0; i < sizeof(distances) / sizeof(*distances); i++)
		if ((int64_t)word(g, cur_l - distances[i]) >> 47 == -12)
			return cur_l - distances[i];
	return 0;
}

/* Does {array, free, size} at this address hold traces? -1: it holds none, so it cannot be told. */
static int holds_traces(const struct memory *m, uint64_t address)
{
	struct {
		uint64_t array;
		uint32_t free, size;
	} traces;
	uint64_t entries[256], trace;
	uint16_t number;
	uint8_t gct;
	size_t count, i;

	if (!memory_read(m, address, &traces, sizeof(traces)) || traces.size > TRACES_MAX ||
	    traces.free > TRACES_MAX)
		return 0;
	if (!traces.size)
		return traces.array ? 0 : -1;
	count = traces.size < 256 ? traces.size : 256;
	if (!memory_read(m, traces.array, entries, count * 8))
		return 0;
	for (i = 1; i < count; i++) {
		trace = entries[i];
		if (!trace)
			continue;
		return memory_read(m, trace + 9, &gct, 1) && gct == LUA_TRACE &&
		       memory_read(m, trace + 0x68, &number, 2) && number == i;
	}
	return -1;
}

void layout_find_traces(const struct memory *m, uint64_t global, struct layout *layout)
{
	uint32_t at;
	size_t i;

	for (i = 0; i < sizeof(builds) / sizeof(*builds); i++) {
		if (builds[i].cur_l != layout->cur_l || builds[i].dispatch != layout->dispatch)
			continue;
		layout->known = true;
		if (holds_traces(m, global + builds[i].traces)) {
			layout->traces = builds[i].traces;
			return;
		}
	}
	for (at = TRACES_FROM; at < TRACES_TO; at += 8) {
		if (holds_traces(m, global + at) == 1) {
			layout->traces = at;
			return;
		}
	}
}

bool layout_derive(const struct memory *m, const struct mappings *maps, uint64_t main_thread,
		   uint32_t state_size, struct layout *out, uint64_t *first_handler,
		   const char **why)
{
	uint64_t global = main_thread + state_size;
	uint8_t g[GLOBAL_READ];
	size_t size;

	memset(out, 0, sizeof(*out));
	size = memory_read_some(m, global, g, sizeof(g));
	*why = "its global state cannot be read";
	if (size < 0x1400)
		return false;
	*why = "no main thread where every known build has it";
	if (word(g, 0xc0) == main_thread) {
		out->main_thread = 0xc0;
		out->vm_state = 0xb8;
		out->string_length = 0x14;
	} else if (word(g, 0xc8) == main_thread) {
		out->main_thread = 0xc8;
		out->vm_state = 0x80;
		out->string_length = 0x10;
	} else if (word(g, 0xd0) == main_thread) {
		/* Debian's of 2020: light user data of 64 bits and the strings of before. */
		out->main_thread = 0xd0;
		out->vm_state = 0x88;
		out->string_length = 0x10;
	} else {
		return false;
	}
	*why = "no call instructions ahead of the current thread";
	out->cur_l = find_cur_l(g);
	if (!out->cur_l)
		return false;
	out->jit_base = out->cur_l + 8;
	out->state_size = state_size;
	out->registry = find_registry(g, out->cur_l);
	*why = "no dispatch table";
	out->dispatch = find_dispatch(g, size, maps, first_handler);
	if (!out->dispatch)
		return false;
	layout_find_traces(m, global, out);
	*why = "";
	return true;
}
