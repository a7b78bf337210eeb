/* SPDX-License-Identifier: MIT */
/* What a Lua function is called: by the code that it is, as far as anything says so. */
#ifndef ACUPOINT_LUA_NAME_H
#define ACUPOINT_LUA_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "luajit/proto.h"
#include "luajit/vm.h"
#include "naming/chunk.h"

#define LUA_NAME_MAX 256

/* Where a function was called from: what may name it. proto NULL: not known. */
struct call_site {
	const struct proto *proto;
	uint32_t position;
	uint32_t argument; /* the caller called pcall: which argument of that the function is */
};

/* The function that is to be named. */
struct unnamed {
	struct lua_vm *vm;
	const struct proto *proto;
	const struct chunk *chunk;
	const struct call_site *site; /* NULL: its VM is gone */
	uint64_t now_ms;
};

struct lua_name {
	char text[LUA_NAME_MAX];
	size_t length;
	/* It is this function's, and another by another name is another function. Else it is a
	 * caller's word for it, or no more than where it stands. */
	bool own;
	/* No more than a number of its code: what it is called may be seen later, as when its
	 * module is loaded. */
	bool provisional;
};

/* Never empty. */
void lua_name_of(const struct unnamed *u, struct lua_name *out);
/* The name that the caller's instruction has for what it calls; 0: none. */
size_t lua_site_name(struct lua_vm *vm, const struct call_site *site, char *out, size_t capacity);
/* Reads the names of loaded modules again, but not often. */
void lua_read_catalogue(struct lua_vm *vm, uint64_t now_ms);

/* Of a dump that was stripped: neither lines nor names of variables are known. */
static inline bool lua_is_stripped(const struct proto *p)
{
	return !p->first_line && !p->lines && !p->line_info;
}

/* One of the VM's own that are written in Lua: table.foreach, table.remove. */
static inline bool lua_is_builtin(const struct proto *p)
{
	return p->first_line == UINT32_MAX;
}

#endif
