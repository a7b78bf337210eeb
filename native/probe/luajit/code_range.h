/* SPDX-License-Identifier: MIT */
/* Which addresses are the interpreter's own machine code, told by the unwind table of its file. */
#ifndef ACUPOINT_CODE_RANGE_H
#define ACUPOINT_CODE_RANGE_H

#include "luajit/memory.h"
#include "native/symbols.h"

/*
 * All of the interpreter is one entry of .eh_frame; `handler` is an address in it. False where
 * there is no such entry of a plausible size (4 KiB to 64 KiB).
 */
bool code_range_find(const struct memory *m, const struct mappings *maps, uint64_t handler,
		     uint64_t *start, uint64_t *end);

#endif
