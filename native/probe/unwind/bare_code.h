/* SPDX-License-Identifier: MIT */
/*
 * Unwinding rows for arm64 code that no table describes: hand-written assembly, as in OpenSSL, and
 * the kernel's vdso. The rules follow from what the code does to the stack pointer and the frame
 * record.
 */
#ifndef ACUPOINT_UNWIND_BARE_CODE_H
#define ACUPOINT_UNWIND_BARE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unwind/rows.h"

/*
 * Adds the rows of `count` instructions, the first of which rows call `pc`. False when out of
 * memory.
 */
bool bare_code_rows(const uint32_t *code, size_t count, uint32_t pc, struct rows *rows);

#endif
