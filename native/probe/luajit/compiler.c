/* SPDX-License-Identifier: MIT */
#include "luajit/compiler.h"

#include <string.h>

/*
 * Offsets in jit_State from its array of traces on. They are the same in all builds with GC64 from
 * 2017 to 2026, for x86-64 and arm64, with the alternatives that are named here.
 */
enum {
	PARAMETERS = 0x4e0,	  /* until autumn 2023 */
	PARAMETERS_LATER = 0x4e4, /* since then, in the same room */
	PARAMETERS_END = 0x51c,
	PENALTIES = 0x5a0,
	PENALTY_SLOT = 0x9a0,
	AREAS = 0xa60, /* 2020-08 to 2021-05 */
	AREAS_OTHER = 0xa68,
	STATE_READ = 0xa90,
};

enum parameter {
	MAX_TRACE = 0,
	HOT_LOOP = 6,
	HOT_EXIT = 7,
	MAX_CODE_KB = 14,
	PARAMETER_COUNT = 15,
};

enum {
	PENALTY_LEAST = 72,
	PENALTY_MOST = 60000,
	PENALTY_RANDOM = 15, /* at most, added with each doubling */
	REASONS_MAX = 256,
	TRACES_MAX = 65536,
	CODE_KB_MAX = 4 << 20,
	ARRAY_READ = 4096,
	/* Of global_State and jit_State together, at most. */
	STATE_SIZE = 0x2000,
	TRIES = 3,
	PAGE = 0x1000,
};

struct areas {
	uint64_t newest, top, bottom, size, all;
};

struct area_link {
	uint64_t next, size;
};

struct trace_array {
	uint64_t address;
	uint32_t free, size;
};

static bool areas_fit(const struct memory *m, const struct areas *a)
{
	struct area_link link;

	/* After a flush the newest one's bounds are still there. */
	if (!a->newest)
		return !a->all;
	return !((a->newest | a->size | a->all) % PAGE) && a->size && a->size <= a->all &&
	       a->newest < a->bottom && a->bottom <= a->top && a->top - a->newest <= a->size &&
	       memory_read(m, a->newest, &link, sizeof(link)) && link.size == a->size &&
	       !link.next == (a->all == a->size);
}

static bool read_areas(const struct memory *m, const uint8_t *state, struct compiler *out)
{
	static const uint32_t places[] = {AREAS_OTHER, AREAS};
	struct areas a;
	bool found = false;

	/* Where no code was made yet, both places look right. */
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		memcpy(&a, state + places[i], sizeof(a));
		if ((found && !a.newest) || !areas_fit(m, &a))
			continue;
		found = true;
		out->code_area = a.newest;
		out->code_mapped = a.all;
		out->code_top = a.top;
		out->code_bytes = a.newest ? a.all - (a.top - a.bottom) : 0;
	}
	return found;
}

static bool read_parameters(const uint8_t *state, struct compiler *out)
{
	int32_t p[PARAMETER_COUNT];
	uint32_t last;

	/* Where they begin earlier nothing is in their last place. */
	memcpy(&last, state + PARAMETERS_END, sizeof(last));
	memcpy(p, state + (last ? PARAMETERS_LATER : PARAMETERS), sizeof(p));
	if (p[MAX_TRACE] < 0 || p[MAX_TRACE] > TRACES_MAX || p[HOT_LOOP] < 0 || p[HOT_EXIT] < 0 ||
	    p[MAX_CODE_KB] < 0 || p[MAX_CODE_KB] > CODE_KB_MAX)
		return false;
	out->max_traces = (uint32_t)p[MAX_TRACE];
	out->hot_loop = (uint32_t)p[HOT_LOOP];
	out->hot_exit = (uint32_t)p[HOT_EXIT];
	out->code_limit = (uint64_t)p[MAX_CODE_KB] << 10;
	return true;
}

static bool read_penalties(const uint8_t *state, struct compiler *out)
{
	uint32_t next;

	memcpy(&next, state + PENALTY_SLOT, sizeof(next));
	memcpy(out->penalties, state + PENALTIES, sizeof(out->penalties));
	for (size_t i = 0; i < PENALTY_SLOTS; i++) {
		const struct penalty *p = &out->penalties[i];

		if (p->pad || p->pc % 4 || p->reason >= REASONS_MAX || !p->pc != !p->value ||
		    (p->pc && (p->value < PENALTY_LEAST || p->value > PENALTY_MOST)))
			return false;
	}
	return next < PENALTY_SLOTS;
}

/* A trace that is being recorded is in the state itself, and is no trace yet. */
static bool is_trace(const struct lua_vm *vm, uint64_t address)
{
	return address && address - vm->global >= STATE_SIZE;
}

/* It changes while it is read: penalties that are new count only if they are the same twice. */
static bool read_state(const struct lua_vm *vm, const struct compiler *last, uint8_t *state,
		       struct compiler *out)
{
	struct penalty again[PENALTY_SLOTS];
	uint64_t at = vm->global + vm->layout.traces;
	struct trace_array traces;

	if (!memory_read(&vm->memory, at, state, STATE_READ))
		return false;
	memcpy(&traces, state, sizeof(traces));
	out->trace_array = traces.address;
	out->trace_slots = traces.size;
	if (traces.size > TRACES_MAX || !read_penalties(state, out))
		return false;
	return (last && !memcmp(last->penalties, out->penalties, sizeof(again))) ||
	       (memory_read(&vm->memory, at + PENALTIES, again, sizeof(again)) &&
		!memcmp(again, out->penalties, sizeof(again)));
}

bool compiler_read(const struct lua_vm *vm, const struct compiler *last, struct compiler *out,
		   const char **why)
{
	static uint8_t state[STATE_READ];

	*why = "";
	if (vm->layout.gc32) {
		*why = "This process runs a LuaJIT without GC64. The probe can look at the JIT "
		       "compiler of builds with GC64 only.";
		return false;
	}
	/* A build that is not known shows where it is with its first trace. */
	if (!vm->layout.traces)
		return false;
	for (int i = 0; i < TRIES; i++) {
		if (read_state(vm, last, state, out) && read_parameters(state, out) &&
		    read_areas(&vm->memory, state, out))
			return true;
	}
	*why = "This process runs a LuaJIT build whose JIT compiler the probe does not know.";
	return false;
}

bool compiler_count_traces(const struct lua_vm *vm, const struct compiler *c, uint32_t *count)
{
	static uint64_t addresses[ARRAY_READ];
	uint32_t n;

	*count = 0;
	for (uint32_t from = 0; from < c->trace_slots; from += n) {
		n = c->trace_slots - from < ARRAY_READ ? c->trace_slots - from : ARRAY_READ;
		if (!memory_read(&vm->memory, c->trace_array + from * sizeof(*addresses), addresses,
				 n * sizeof(*addresses)))
			return false;
		for (uint32_t i = 0; i < n; i++)
			*count += is_trace(vm, addresses[i]);
	}
	return true;
}

uint32_t penalty_aborts(const struct penalty *p)
{
	uint32_t aborts = 0;

	for (uint32_t value = p->value; value >= PENALTY_LEAST; value /= 2)
		aborts++;
	return aborts;
}

bool penalty_is_last(const struct penalty *p)
{
	return 2 * p->value + PENALTY_RANDOM > PENALTY_MOST;
}
