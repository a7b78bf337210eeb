/* SPDX-License-Identifier: MIT */
/*
 * The state of a VM's JIT compiler: traces, machine code, parameters, and the places that it gave
 * up. GC64.
 */
#ifndef ACUPOINT_COMPILER_H
#define ACUPOINT_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "luajit/vm.h"

enum { PENALTY_SLOTS = 64 };

/*
 * A place where root traces were aborted, as LuaJIT has it. It keeps the latest places, until it
 * flushes all traces.
 */
struct penalty {
	uint64_t pc;	/* the instruction that the traces began at; 0: a free slot */
	uint16_t value; /* grows with each abort */
	uint16_t reason;
	uint32_t pad;
};

struct compiler {
	struct penalty penalties[PENALTY_SLOTS];
	uint32_t max_traces, hot_loop, hot_exit;
	/*
	 * Machine code, and areas that were left because what came next did not fit. It grows until
	 * all traces are flushed.
	 */
	uint64_t code_bytes, code_limit;
	/*
	 * The newest area, 0: none, and the size of all. Where the last code was put outlasts its
	 * area.
	 */
	uint64_t code_area, code_mapped, code_top;
	uint64_t trace_array;
	uint32_t trace_slots; /* in it */
};

/*
 * Reads the state. `last`: the state that was read before, or NULL. False where it cannot be read:
 * `why` says the reason, or is "" where the VM has not shown yet where it is.
 */
bool compiler_read(const struct lua_vm *vm, const struct compiler *last, struct compiler *out,
		   const char **why);
/* How many traces there are. False where their array cannot be read. */
bool compiler_count_traces(const struct lua_vm *vm, const struct compiler *c, uint32_t *count);

/* How many aborts the value stands for: LuaJIT doubles it each time. */
uint32_t penalty_aborts(const struct penalty *p);
/* With the next abort LuaJIT does not try again: it blacklists the place. */
bool penalty_is_last(const struct penalty *p);

#endif
