/* SPDX-License-Identifier: MIT */
/*
 * Unwinding rows for x86-64 code that no table describes: musl's libc, as in Alpine, has none, nor
 * has much that was written by hand. Its instructions are followed from where functions begin, and
 * what they do to the stack pointer is counted; a way that reaches its return with another count
 * than it began with is not believed.
 */
#ifndef ACUPOINT_UNWIND_BARE_X86_H
#define ACUPOINT_UNWIND_BARE_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unwind/rows.h"

/*
 * Adds the rows of `size` bytes of code, the first of which rows call `pc`. False when out of
 * memory.
 */
bool bare_x86_rows(const uint8_t *code, size_t size, uint32_t pc, struct rows *rows);

#endif
