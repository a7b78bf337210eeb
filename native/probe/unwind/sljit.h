/* SPDX-License-Identifier: MIT */
/*
 * Unwinding rows for the machine code of PCRE's compiler (sljit), which no file describes. Its
 * memory is a chain of blocks, each a header and a function, and each function begins by pushing
 * registers and moving the stack pointer once: that is all there is to know.
 */
#ifndef ACUPOINT_UNWIND_SLJIT_H
#define ACUPOINT_UNWIND_SLJIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "unwind/rows.h"

/*
 * Adds the rows of the functions in `code`, which is all of one mapping, relative to its start.
 * Code that is not understood as a function gets the rule UNWIND_ANSWER_FOREIGN. False where there
 * is none at all.
 */
bool sljit_rows(const uint8_t *code, size_t size, struct rows *rows);

#endif
