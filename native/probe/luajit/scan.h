/* SPDX-License-Identifier: MIT */
/* Finds the Lua VMs of a process in its memory, without symbols and without waiting for a sample.
 */
#ifndef ACUPOINT_SCAN_H
#define ACUPOINT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/memory.h"
#include "native/symbols.h"

/* A main thread that points at the global state behind itself. Not yet validated beyond that. */
struct scan_hit {
	uint64_t main_thread;
	uint32_t state_size;
	bool gc32; /* a build with 32-bit references; addresses below 4 GiB */
};

/*
 * Where LuaJIT's own allocator puts a VM: one small read a page, but for the memory of VMs that
 * were found. Returns how many hits were written, the highest address first.
 */
size_t scan_quick(const struct memory *m, const struct mappings *maps, struct scan_hit *hits,
		  size_t capacity);
/* Every aligned address of writable anonymous memory, `limit` bytes of it at most. */
size_t scan_all(const struct memory *m, const struct mappings *maps, uint64_t limit,
		struct scan_hit *hits, size_t capacity);

#endif
