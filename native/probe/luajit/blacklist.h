/* SPDX-License-Identifier: MIT */
/* Places that LuaJIT will not compile any more: it marks them by other instructions. GC64. */
#ifndef ACUPOINT_BLACKLIST_H
#define ACUPOINT_BLACKLIST_H

#include <stddef.h>
#include <stdint.h>

#include "luajit/proto.h"
#include "luajit/vm.h"

enum blacklisted {
	BLACKLISTED_NOT,
	BLACKLISTED_FUNCTION,
	BLACKLISTED_LOOP,
	BLACKLISTED_ITERATOR_LOOP,
};

struct blacklisted_place {
	enum blacklisted kind;
	uint32_t position; /* of the instruction, in its function */
};

/* Of an instruction that counted how hot it is, and may have been replaced since. */
enum blacklisted blacklisted_now(const struct lua_vm *vm, uint64_t pc);
/*
 * The places in a function; at most 65536 of its instructions are looked at. Loops over pairs() or
 * next() are not among them: LuaJIT makes ordinary ones of them.
 */
size_t blacklisted_places(const struct lua_vm *vm, const struct proto *p,
			  struct blacklisted_place *out, size_t capacity);

#endif
