/* SPDX-License-Identifier: MIT */
/*
 * The allocator of a zone, which nginx lays into the zone itself: how full it is. Where things are
 * depends on how nginx was built; it is derived from the zone's own address and size, which the
 * allocator keeps, and believed only where all that has to agree does. Of nginx since 1.11.7.
 */
#ifndef ACUPOINT_SLAB_H
#define ACUPOINT_SLAB_H

#include <stdbool.h>
#include <stdint.h>

#include "nginx/zone_memory.h"

/* Sizes of blocks are powers of two, of which there are fewer than this. */
enum { SLAB_CLASSES = 24 };

struct slab {
	uint32_t page_bytes, pages, free_pages;
	uint64_t table;	      /* an entry for each page */
	uint64_t start;	      /* of the first page */
	uint64_t data;	      /* what the module keeps; 0: nothing */
	uint32_t least_shift; /* of the smallest class */
	uint32_t class_count;
	uint64_t used[SLAB_CLASSES];		 /* blocks, by class */
	uint64_t blocks, free_in_pages, refused; /* of all classes */
};

/* False: it has none, or one that is not of the known form. */
bool slab_read(const struct zone_memory *z, struct slab *out);

/* ngx_slab_page_s */
struct slab_page {
	uint64_t slab, next, previous;
};

enum slab_kind { SLAB_FREE, SLAB_BLOCKS, SLAB_RUN, SLAB_RUN_REST };

/*
 * The use of a page. Blocks: of which size, with the map of those in use where it is in the entry;
 * `map_inside` where it is at the page's start.
 */
struct slab_use {
	enum slab_kind kind;
	uint32_t shift;
	bool map_inside;
	uint64_t map;
};
struct slab_use slab_use_of(const struct slab *s, const struct slab_page *page);

#endif
