/* SPDX-License-Identifier: MIT */
#include "unwind/rows.h"

#include <stdlib.h>

#include "host/array.h"

/* A gap between two functions that is shorter than this is padding, and needs no row of its own. */
#define PADDING 16

bool rows_add(struct rows *rows, uint32_t pc, uint32_t rule)
{
	if (rows->count == ROWS_MAX ||
	    !array_reserve(rows->items, rows->capacity, rows->count + 1, 1024))
		return false;
	rows->items[rows->count++] = (struct unwind_row){.pc = pc, .rule = rule};
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct unwind_row *a = left, *b = right;
	bool a_ends = a->rule == UNWIND_NONE, b_ends = b->rule == UNWIND_NONE;

	if (a->pc != b->pc)
		return a->pc < b->pc ? -1 : 1;
	return b_ends - a_ends;
}

/* Linkers sort most files already. */
static bool sorted(const struct rows *rows)
{
	for (size_t i = 1; i < rows->count; i++) {
		if (compare(&rows->items[i - 1], &rows->items[i]) > 0)
			return false;
	}
	return true;
}

void rows_finish(struct rows *rows)
{
	struct unwind_row *items = rows->items, *next;
	size_t kept = 0;

	if (!sorted(rows))
		qsort(items, rows->count, sizeof(*items), compare);
	for (size_t i = 0; i < rows->count; i++) {
		next = i + 1 < rows->count ? &items[i + 1] : NULL;
		if (next && next->pc == items[i].pc)
			continue;
		if (next && items[i].rule == UNWIND_NONE && next->pc - items[i].pc < PADDING)
			continue;
		if (kept && items[kept - 1].rule == items[i].rule)
			continue;
		items[kept++] = items[i];
	}
	rows->count = kept;
}

uint32_t rows_find(const struct unwind_row *items, size_t count, uint32_t pc)
{
	size_t low = 0, high = count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (items[middle].pc <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? items[low - 1].rule : UNWIND_NONE;
}

void rows_free(struct rows *rows)
{
	free(rows->items);
	*rows = (struct rows){0};
}
