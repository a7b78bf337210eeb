/* SPDX-License-Identifier: MIT */
/* The rows of all files as the BPF program sees them: chunks in kernel memory, made as they fill
 * up. */
#ifndef ACUPOINT_UNWIND_CHUNKS_H
#define ACUPOINT_UNWIND_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

#include "walk/rule.h"
#include "walk/space.h"

struct unwind_memory;

struct chunks {
	int outer;		      /* the array of chunks; the caller's */
	int (*make)(void);	      /* a chunk: its descriptor or -errno */
	struct unwind_memory *memory; /* in its place, where there is no BPF */
	int fds[UNWIND_CHUNKS];
	size_t made, used; /* chunks; rows in the last one */
};

/* Rows that lie in one chunk, with the index of their pages: as in struct unwind_range. */
struct chunk_piece {
	uint32_t first; /* address of the first row */
	uint32_t origin, index, pages;
};

struct chunks chunks_of(int outer, struct unwind_memory *memory, int (*make)(void));
void chunks_close(struct chunks *c);
/*
 * Copies rows, and an index of their pages, into what room the last chunk has, or into a new one.
 * The number of rows copied, or -errno: ENOSPC when all chunks are full.
 */
int chunks_put(struct chunks *c, const struct unwind_row *rows, size_t count,
	       struct chunk_piece *piece);

#endif
