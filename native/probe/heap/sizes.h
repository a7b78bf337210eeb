/* SPDX-License-Identifier: MIT */
/* What an object takes, as the collector counts it. */
#ifndef ACUPOINT_SIZES_H
#define ACUPOINT_SIZES_H

#include "heap/objects.h"

/* The type of C data with what only decorates it taken off; its CType, or NULL. */
const uint8_t *ctype_raw(const struct objects *o, const struct heap_vm *vm, uint32_t id);
/* 0 where the object contradicts itself. */
uint64_t object_size(const struct objects *o, const struct heap_vm *vm, uint64_t address, int type);

#endif
