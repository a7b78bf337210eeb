/* SPDX-License-Identifier: MIT */
#include "nginx/slab.h"

#include <string.h>
#include <unistd.h>

/* ngx_slab_pool_t, with a semaphore in its locks or not. */
#define POOL_READ 0x100
#define WORD 8
/* From its `end` back: start, free pages, statistics, free list, page table's end and start. */
enum {
	START = 1,
	FREE_PAGES = 2,
	STATS = 3,
	LAST = 7,
	PAGES = 8,
	LEAST_SHIFT = 9,
	LEAST_SIZE = 10
};
/* The first lock is at the pool's own address, and points at it. */
#define BEHIND_LOCK 2
#define PAGES_MAX (1u << 26)

/* ngx_slab_stat_t */
struct class_stats {
	uint64_t total, used, asked, failed;
};

/* The lowest bits of a page's third word, and those of its first word. */
enum { KIND_MASK = 3, KIND_RUN = 0, KIND_BIG = 1, KIND_EXACT = 2, KIND_SMALL = 3, SHIFT_MASK = 15 };
#define RUN_START (1ULL << 63)
#define RUN_REST UINT64_MAX

static bool sizes_fit(const uint64_t *end, const struct zone_memory *z, uint64_t page)
{
	uint64_t start = end[-START], shift = end[-LEAST_SHIFT];
	uint64_t table = end[-PAGES], last = end[-LAST], stats = end[-STATS];

	return start > z->address && start < *end && !(start & (page - 1)) && shift >= 3 &&
	       shift < SLAB_CLASSES && page >> shift > 1 && end[-LEAST_SIZE] == 1ULL << shift &&
	       zone_has(z, table, 1) && last > table && last <= start &&
	       !((last - table) % sizeof(struct slab_page)) && zone_has(z, stats, 1) &&
	       table > stats;
}

/* One class for each power of two below a page: the tables of them lie one behind the other. */
static bool read_header(const struct zone_memory *z, const uint64_t *end, struct slab *out)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), count;

	if (!sizes_fit(end, z, page))
		return false;
	out->page_bytes = (uint32_t)page;
	out->least_shift = (uint32_t)end[-LEAST_SHIFT];
	out->class_count = (uint32_t)__builtin_ctzll(page) - out->least_shift;
	out->table = end[-PAGES];
	count = (end[-LAST] - out->table) / sizeof(struct slab_page);
	if (out->class_count > SLAB_CLASSES || !count || count > PAGES_MAX ||
	    count * page > *end - end[-START] || end[-FREE_PAGES] > count ||
	    end[-STATS] + out->class_count * sizeof(struct class_stats) != out->table)
		return false;
	out->start = end[-START];
	out->pages = (uint32_t)count;
	out->free_pages = (uint32_t)end[-FREE_PAGES];
	return true;
}

/* The module's pointer stands before the pool's own address, which is behind its lock. */
static uint64_t find_data(const struct zone_memory *z, const uint64_t *end, const uint64_t *limit)
{
	for (const uint64_t *word = end + BEHIND_LOCK; word < limit; word++)
		if (*word == z->address)
			return zone_has(z, word[-1], WORD) ? word[-1] : 0;
	return 0;
}

static bool read_classes(const struct zone_memory *z, uint64_t at, struct slab *out)
{
	struct class_stats stats[SLAB_CLASSES];

	if (!zone_read(z, at, stats, out->class_count * sizeof(*stats)))
		return false;
	for (uint32_t i = 0; i < out->class_count; i++) {
		const struct class_stats *s = &stats[i];

		/* Taken between two steps of the allocator, or none. */
		if (s->used > z->size || s->total > z->size)
			return false;
		out->used[i] = s->used;
		out->blocks += s->used;
		out->refused += s->failed;
		if (s->total > s->used)
			out->free_in_pages += (s->total - s->used) << (out->least_shift + i);
	}
	return out->free_in_pages <= z->size;
}

bool slab_read(const struct zone_memory *z, struct slab *out)
{
	uint64_t words[POOL_READ / WORD];
	const uint64_t *limit = words + POOL_READ / WORD;

	memset(out, 0, sizeof(*out));
	if (!zone_read(z, z->address, words, sizeof(words)))
		return false;
	for (const uint64_t *end = words + LEAST_SIZE + 1; end < limit; end++) {
		if (*end != z->address + z->size || !read_header(z, end, out))
			continue;
		out->data = find_data(z, end, limit);
		return read_classes(z, end[-STATS], out);
	}
	return false;
}

struct slab_use slab_use_of(const struct slab *s, const struct slab_page *page)
{
	uint32_t shift = page->slab & SHIFT_MASK, page_shift = __builtin_ctz(s->page_bytes);

	switch (page->previous & KIND_MASK) {
	case KIND_SMALL:
		return (struct slab_use){SLAB_BLOCKS, shift, true, 0};
	case KIND_EXACT:
		/* As many blocks as a word has bits. */
		return (struct slab_use){SLAB_BLOCKS, page_shift - 6, false, page->slab};
	case KIND_BIG:
		return (struct slab_use){SLAB_BLOCKS, shift, false, page->slab >> 32};
	default:
		break;
	}
	if (page->slab == RUN_REST)
		return (struct slab_use){.kind = SLAB_RUN_REST};
	return (struct slab_use){.kind = page->slab & RUN_START ? SLAB_RUN : SLAB_FREE};
}
