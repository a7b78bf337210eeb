/* SPDX-License-Identifier: MIT */
/* Where the code of a Lua VM's allocator is: the function that lua_newstate was given. */
#ifndef ACUPOINT_ALLOCATOR_H
#define ACUPOINT_ALLOCATOR_H

#include "luajit/vm.h"
#include "native/symbols.h"

struct allocator {
	const struct mapping *mapping; /* of `maps`: executable, of a file */
	uint64_t offset;	       /* in that file, where the function begins */
};

/* False with `why`: what stands there is no function of a file that is mapped. */
bool allocator_find(const struct lua_vm *vm, const struct mappings *maps, struct allocator *out,
		    const char **why);

#endif
