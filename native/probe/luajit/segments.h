/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_SEGMENTS_H
#define ACUPOINT_SEGMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "luajit/vm.h"

/*
 * Bytes of the segments that LuaJIT's own allocator has mapped for a VM, used or not. What is
 * larger than 128 KiB it maps one by one, without keeping account; that is not in them. False: the
 * VM has another allocator, or is in the middle of asking for memory. GC64.
 */
bool allocator_segments(const struct lua_vm *vm, uint64_t *bytes);

#endif
