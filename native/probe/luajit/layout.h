/* SPDX-License-Identifier: MIT */
/*
 * Where a LuaJIT build keeps what a walk needs. Only a handful of offsets differ between builds of
 * one kind, with GC64 or without; they are derived from the running VM and checked against the
 * builds that are known.
 */
#ifndef ACUPOINT_LAYOUT_H
#define ACUPOINT_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "host/memory.h"
#include "native/symbols.h"

/* The same in all builds of a kind: with GC64, or without, where references have 32 bits. */
enum lua_offset {
	STATE_STATUS = 0x0b,
	STATE_ENV = 0x48,
	STATE_EXDATA2 = 0x68,
	PROTO_SIZEBC = 0x0c,
	PROTO_CHUNKNAME = 0x40,
	PROTO_SIZE = 0x68,
	STRING_DATA = 0x18,
	STATE_GLOBAL = 0x10,
	STATE_GLOBAL_32 = 0x08,
	STATE_EXDATA2_32 = 0x48,
	PROTO_SIZE_32 = 0x40,
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
	bool gc32;		/* a build without GC64 */
};

static inline uint32_t layout_proto_size(const struct layout *l)
{
	return l->gc32 ? PROTO_SIZE_32 : PROTO_SIZE;
}

/* Where in a GCstr its text is. */
static inline uint32_t layout_string_data(const struct layout *l)
{
	return l->gc32 ? l->string_length + 4 : STRING_DATA;
}

/* Where in any object of the garbage collector its type is. */
static inline uint32_t layout_type(const struct layout *l)
{
	return l->gc32 ? 5 : 9;
}

/* Size of a reference to such an object. */
static inline uint32_t layout_reference(const struct layout *l)
{
	return l->gc32 ? 4 : 8;
}

/* True with the reference at `address`. */
static inline bool layout_follow(const struct layout *l, const struct memory *m, uint64_t address,
				 uint64_t *out)
{
	*out = 0;
	return memory_read(m, address, out, layout_reference(l));
}

/*
 * Derives the layout of the VM whose main thread is at `main_thread` and whose global_State follows
 * it, a build with GC64 or without. `first_handler` gets the address of some bytecode handler of
 * the interpreter. False: this is no VM that can be walked; `why` says what did not fit.
 */
bool layout_derive(const struct memory *m, const struct mappings *maps, uint64_t main_thread,
		   uint32_t state_size, bool gc32, struct layout *out, uint64_t *first_handler,
		   const char **why);

/* Looks for the trace array again; a VM that has compiled nothing yet does not show where it is. */
void layout_find_traces(const struct memory *m, uint64_t global, struct layout *layout);

#endif
