/* SPDX-License-Identifier: MIT */
/* Which VMs there are in a copy: between a look and the copy, they may have come and gone. */
#ifndef ACUPOINT_ALIVE_H
#define ACUPOINT_ALIVE_H

#include "heap/objects.h"

/*
 * Finds those of `known` that the copy has, and others of the same builds that LuaJIT's own
 * allocator put there. Writes at most `capacity`, and returns how many.
 */
size_t vms_alive(struct image *image, const struct heap_vm *known, size_t known_count,
		 struct heap_vm *out, size_t capacity);

#endif
