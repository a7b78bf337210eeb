/* SPDX-License-Identifier: MIT */
/*
 * Many pieces of a process's memory at once: pieces that lie near each other come in one read,
 * since a read costs a microsecond and a page much less.
 */
#ifndef ACUPOINT_GATHER_H
#define ACUPOINT_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/memory.h"

struct piece {
	uint64_t address;
	uint32_t size;
	uint32_t at; /* where in the output it belongs */
};

/*
 * Sorts the pieces. Zeroes what cannot be read, from the first page on that is not there. The
 * output has room for each piece at its place.
 */
void memory_gather(const struct memory *m, struct piece *pieces, size_t count, uint8_t *out);

#endif
