/* SPDX-License-Identifier: MIT */
/* The series of this instrument, and places in Lua as their rows name them. */
#ifndef ACUPOINT_JIT_ROWS_H
#define ACUPOINT_JIT_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "luajit/compiler.h"
#include "luajit/proto.h"
#include "luajit/vm.h"
#include "model/model.h"

struct lua_place {
	uint32_t file; /* string of the model: the chunk's name */
	uint32_t line;
};

/* Kinds of what is not compiled. */
#define KIND_FUNCTION "function"
#define KIND_LOOP "loop"
#define KIND_ITERATOR_LOOP "iterator loop"
#define KIND_OFF "off" /* switched off for this function, by jit.off */

/*
 * False where the function is gone: memory that was freed may still look like one, for as long as
 * it is not used again, but for the name of its chunk.
 */
bool place_in(struct model *m, const struct lua_vm *vm, const struct proto *p, uint32_t position,
	      struct lua_place *out);
/* Of what was gone before it could be read. */
struct lua_place place_gone(struct model *m);

/* All return false where the model has no room. */
bool add_aborts(struct model *m, pid_t pid, uint32_t reason, const struct lua_place *at,
		uint32_t count);
bool add_blacklisted(struct model *m, pid_t pid, const struct lua_place *at, const char *kind);
/* `flushes`: seen since the instrument was switched on. */
bool add_vm(struct model *m, const struct lua_vm *vm, const struct compiler *c, uint32_t traces,
	    uint32_t flushes, uint64_t time_us);

#endif
