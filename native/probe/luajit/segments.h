/* SPDX-License-Identifier: MIT */
/* What LuaJIT's own allocator has mapped for a VM, from its own list. */
#ifndef ACUPOINT_SEGMENTS_H
#define ACUPOINT_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "luajit/vm.h"

struct segment_range {
	uint64_t start, end;
};

struct segment_list {
	struct segment_range *items;
	size_t count, capacity;
};

/* Where the allocator keeps its state: so far behind the start of its first segment. */
#define ALLOCATOR_STATE_OFFSET 16

/*
 * Adds the segments of the allocator whose state is at `state`, used or not. Blocks above
 * 128 KiB are not in them: the allocator maps each for itself and keeps no account. False: this is
 * no allocator's state, or it is in the middle of asking for memory; then nothing is added.
 */
bool segments_add(struct segment_list *l, const struct memory *m, uint64_t state);
void segments_free(struct segment_list *l);

/* Adds the segments of a VM's allocator. False: it has another one, or see above. GC64. */
bool segments_of(const struct lua_vm *vm, struct segment_list *l);
/* Bytes of all segments of a VM. False: it has another allocator, or see above. GC64. */
bool allocator_segments(const struct lua_vm *vm, uint64_t *bytes);

#endif
