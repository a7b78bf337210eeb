/* SPDX-License-Identifier: MIT */
/* The walk over Lua stacks, compiled for reading by whole pages. Included by what walks. */
#ifndef ACUPOINT_PARKED_HEAD_H
#define ACUPOINT_PARKED_HEAD_H

#include <linux/types.h>

#include "host/target_pages.h"

/* Reads for a walk. */
int parked_bytes(void *out, uint32_t size, uint64_t address);
#define WALK_READ(dst, size, address) parked_bytes((dst), (uint32_t)(size), (address))
#define WALK_BY_POSITION 1
#include "walk/walk_cache.h"
#include "walk/walk.h"

#endif
