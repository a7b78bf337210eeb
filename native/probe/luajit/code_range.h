/* SPDX-License-Identifier: MIT */
/* Which addresses are the interpreter's own machine code, told by the unwind table of its file. */
#ifndef ACUPOINT_CODE_RANGE_H
#define ACUPOINT_CODE_RANGE_H

#include "host/memory.h"
#include "native/symbols.h"

struct code_range {
	uint64_t start, end;
	bool old_cframe; /* arm64's C frame before 2021: see walk/arch.h */
};

/*
 * All of the interpreter is one entry of .eh_frame; `handler` is an address in it. False where
 * there is no such entry of a plausible size (4 KiB to 64 KiB).
 */
bool code_range_find(const struct memory *m, const struct mappings *maps, uint64_t handler,
		     struct code_range *out);

#endif
