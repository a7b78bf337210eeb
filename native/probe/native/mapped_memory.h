/* SPDX-License-Identifier: MIT */
/* How much address space a process has for what, as far as its mappings tell. */
#ifndef ACUPOINT_MAPPED_MEMORY_H
#define ACUPOINT_MAPPED_MEMORY_H

#include "host/memory.h"
#include "native/symbols.h"

struct mapped_memory {
	uint64_t c_heap; /* program break, and glibc's arenas of further threads */
	uint64_t shared; /* shared and writable */
};

struct mapped_memory mapped_memory_of(const struct memory *m, const struct mappings *maps);

#endif
