/* SPDX-License-Identifier: MIT */
/*
 * Where a LuaJIT build keeps what a walk needs. Only a handful of offsets differ between GC64
 * builds; they are derived from the running VM and checked against the builds that are known.
 */
#ifndef ACUPOINT_LAYOUT_H
#define ACUPOINT_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "luajit/memory.h"
#include "native/symbols.h"

/* The same in all GC64 builds. */
enum lua_offset {
	STATE_STATUS = 0x0b,
	STATE_ENV = 0x48,
	STATE_EXDATA2 = 0x68,
	PROTO_SIZEBC = 0x0c,
	PROTO_CHUNKNAME = 0x40,
	PROTO_SIZE = 0x68,
	STRING_DATA = 0x18,
};

enum lua_type {
	LUA_STRING = 4,
	LUA_THREAD = 6,
	LUA_PROTO = 7,
	LUA_FUNCTION = 8,
	LUA_TRACE = 9,
	LUA_TABLE = 11,
};

struct layout {
	uint32_t state_size; /* of lua_State; 0x70 in luajit2 since 2020 */
	/* offsets in global_State */
	uint32_t vm_state, main_thread, cur_l, jit_base, registry, dispatch;
	uint32_t traces;	/* the JIT's {array, free, size}; 0: not known */
	uint32_t string_length; /* offset in GCstr */
	bool known;		/* one of the builds in the table */
};

/*
 * Derives the layout of the VM whose main thread is at `main_thread` and whose global_State follows
 * it. `first_handler` gets the address of some bytecode handler of the interpreter. False: this is
 * no VM that can be walked; `why` says what did not fit.
 */
bool layout_derive(const struct memory *m, const struct mappings *maps, uint64_t main_thread,
		   uint32_t state_size, struct layout *out, uint64_t *first_handler,
		   const char **why);

/* Looks for the trace array again; a VM that has compiled nothing yet does not show where it is. */
void layout_find_traces(const struct memory *m, uint64_t global, struct layout *layout);

#endif
