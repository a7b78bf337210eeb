/* SPDX-License-Identifier: MIT */
/* What a caller's bytecode says about the function that it calls. Opcodes are the same in all
 * of 2.1. */
#ifndef ACUPOINT_BYTECODE_H
#define ACUPOINT_BYTECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/memory.h"
#include "luajit/layout.h"
#include "luajit/proto.h"

static inline uint32_t bytecode_op(uint32_t instruction)
{
	return instruction & 0xff;
}
static inline uint32_t bytecode_a(uint32_t instruction)
{
	return (instruction >> 8) & 0xff;
}
static inline uint32_t bytecode_b(uint32_t instruction)
{
	return instruction >> 24;
}
static inline uint32_t bytecode_c(uint32_t instruction)
{
	return (instruction >> 16) & 0xff;
}
static inline uint32_t bytecode_d(uint32_t instruction)
{
	return instruction >> 16;
}
bool bytecode_is_return(uint32_t instruction);
bool bytecode_is_call(uint32_t instruction);
/* True for the header that stands for a built-in or C function. Newer builds have others there too.
 */
bool bytecode_is_c(uint32_t instruction);
/* A copy into a slot, from another one or of a constant: no machine code of its own. */
bool bytecode_is_copy(uint32_t instruction);

/*
 * The name by which the instruction at `position` of the caller calls: a field, method, global,
 * upvalue, local or metamethod, or that it is what a loop iterates by. With `argument` n > 0, the
 * name of the n-th argument instead (what pcall is to call). Returns its length, 0 where there is
 * none.
 */
size_t bytecode_called_name(const struct memory *m, const struct layout *layout,
			    const struct proto *caller, uint32_t position, uint32_t argument,
			    char *out, size_t capacity);

/*
 * The name that `parent` gives to the function which it has as its constant `child` (a prototype):
 * that of the local, the upvalue, the global or the field where it stores it. `index` says which of
 * its constants that is. Returns the name's length, 0 where it has none; `index` is NO_CHILD where
 * `parent` does not make that function.
 */
size_t bytecode_child_name(const struct memory *m, const struct layout *layout,
			   const struct proto *parent, uint64_t child, uint32_t *index, char *out,
			   size_t capacity);
#define NO_CHILD UINT32_MAX

/* The name of an upvalue; 0: none, as where debug information was stripped. */
size_t bytecode_upvalue_name(const struct memory *m, const struct proto *p, uint32_t index,
			     char *out, size_t capacity);

#define NO_UPVALUE UINT32_MAX
/* Index of the upvalue that the instruction at `position` calls, or NO_UPVALUE. */
uint32_t bytecode_called_upvalue(const struct memory *m, const struct proto *caller,
				 uint32_t position);

#endif
