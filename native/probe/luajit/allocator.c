/* SPDX-License-Identifier: MIT */
#include "luajit/allocator.h"

/*
 * In global_State: first of all, or, until 2020, behind the table of strings {pointer, two sizes}.
 * Neither that pointer nor, in newer builds, what is at the second place (bytes in use) leads into
 * code.
 */
static const uint32_t places[] = {0x00, 0x10};

bool allocator_find(const struct lua_vm *vm, const struct mappings *maps, struct allocator *out,
		    const char **why)
{
	uint64_t address;
	size_t i;

	*why = "The allocator of this process's Lua VM cannot be found in its memory, so its "
	       "allocations cannot be watched.";
	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (!memory_u64(&vm->memory, vm->global + places[i], &address))
			continue;
		out->mapping = mappings_find(maps, address);
		if (!out->mapping || out->mapping->perms[2] != 'x')
			continue;
		out->offset = address - out->mapping->start + out->mapping->offset;
		if (out->mapping->inode)
			return true;
		*why = "The allocator of this process's Lua VM is in memory that no file stands "
		       "behind, where the kernel can place no probe: its allocations cannot be "
		       "watched.";
	}
	return false;
}
