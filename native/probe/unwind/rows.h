/* SPDX-License-Identifier: MIT */
/* The unwinding rows of one file: ascending by address, each valid up to the next. */
#ifndef ACUPOINT_UNWIND_ROWS_H
#define ACUPOINT_UNWIND_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "walk/rule.h"

/* 32 MB: far more than any server has, and an end to a file made to exhaust memory. */
#define ROWS_MAX (4u << 20)

struct rows {
	struct unwind_row *items;
	size_t count, capacity;
};

/* False when out of memory or past ROWS_MAX. Rows may be added in any order. */
bool rows_add(struct rows *rows, uint32_t pc, uint32_t rule);
/* Sorts, lets a function's first row win over the end of the one before, and merges equal rules. */
void rows_finish(struct rows *rows);
/* The rule at `pc`, UNWIND_NONE before the first row. Only after rows_finish(). */
uint32_t rows_find(const struct unwind_row *items, size_t count, uint32_t pc);
void rows_free(struct rows *rows);

#endif
