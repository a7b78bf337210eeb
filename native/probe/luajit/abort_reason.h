/* SPDX-License-Identifier: MIT */
/* Why LuaJIT gave up compiling a trace. */
#ifndef ACUPOINT_ABORT_REASON_H
#define ACUPOINT_ABORT_REASON_H

#include <stddef.h>
#include <stdint.h>

/*
 * Writes the text that LuaJIT has for the reason, without the name or number that it puts at its
 * end; "reason 77" for a number that is not known. Returns the length.
 */
size_t abort_reason_text(uint32_t reason, char *out, size_t capacity);

#endif
