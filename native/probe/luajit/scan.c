/* SPDX-License-Identifier: MIT */
#include "luajit/scan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/pagemap.h"
#include "luajit/layout.h"
#include "luajit/segments.h"

#define PAGE PAGEMAP_PAGE
/* A VM is the first object of its allocator's first segment, behind that one's own state. */
#define QUICK_OFFSET 0x378
#define QUICK_SIZE 32
#define PAGES 256
#define CHUNK (PAGES * PAGE)
#define STATE_SIZE_MIN 0x30
/* Chunks overlap, so that no thread falls between two. */
#define STEP (CHUNK - PAGE)

static const uint32_t sizes[] = {0x60, 0x68, 0x70};
static const uint32_t sizes32[] = {0x40, 0x48, 0x50};
/* Between these builds keep the reference to the main thread: which tells a hit from chance. */
#define MAIN_THREAD_FROM 0x60
#define MAIN_THREAD_TO 0x110

struct results {
	const struct memory *memory;
	struct scan_hit *hits;
	size_t count, capacity;
	struct segment_list owned; /* memory of what was found, in order */
	int pagemap;
};

static void add(struct results *r, uint64_t address, uint32_t size, bool gc32)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->hits[i].main_thread == address)
			return;
	if (r->count < r->capacity)
		r->hits[r->count++] = (struct scan_hit){address, size, gc32};
}

static bool refers_back(const struct memory *m, uint64_t global, uint64_t main_thread, size_t size)
{
	uint8_t words[MAIN_THREAD_TO - MAIN_THREAD_FROM];
	size_t i;

	if (!memory_read(m, global + MAIN_THREAD_FROM, words, sizeof(words)))
		return false;
	for (i = 0; i < sizeof(words); i += size)
		if (!memcmp(words + i, &main_thread, size))
			return true;
	return false;
}

/* `memory` is what is at `address`; 24 bytes of it are there. */
static void test(struct results *r, uint64_t address, const uint8_t *memory)
{
	uint64_t global;
	size_t i;

	if (memory[9] != LUA_THREAD)
		return;
	memcpy(&global, memory + 0x10, 8);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (global == address + sizes[i] &&
		    refers_back(r->memory, global, address, sizeof(uint64_t)))
			add(r, address, sizes[i], false);
}

static void test32(struct results *r, uint64_t address, const uint8_t *memory)
{
	uint32_t global;
	size_t i;

	if (memory[5] != LUA_THREAD || address >> 32)
		return;
	memcpy(&global, memory + 8, 4);
	for (i = 0; i < sizeof(sizes32) / sizeof(*sizes32); i++)
		if (global == address + sizes32[i] &&
		    refers_back(r->memory, global, address, sizeof(uint32_t)))
			add(r, address, sizes32[i], true);
}

static int by_start(const void *a, const void *b)
{
	const struct segment_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* No other VM is in the memory of one, which is most of what there is. */
static void leave_out(struct results *r, uint64_t page)
{
	struct segment_list *l = &r->owned;
	size_t i, n = 0;

	if (!segments_add(l, r->memory, page + ALLOCATOR_STATE_OFFSET))
		return;
	qsort(l->items, l->count, sizeof(*l->items), by_start);
	for (i = 1; i < l->count; i++) {
		if (l->items[i].start > l->items[n].end)
			l->items[++n] = l->items[i];
		else if (l->items[i].end > l->items[n].end)
			l->items[n].end = l->items[i].end;
	}
	l->count = n + 1;
}

/* Where the memory begins that holds `page` and is left out; or `page`. */
static uint64_t start_of_known(const struct results *r, uint64_t page)
{
	size_t low = 0, high = r->owned.count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (r->owned.items[middle].end <= page)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->owned.count && r->owned.items[low].start < page ? r->owned.items[low].start
									: page;
}

static void test_page(struct results *r, uint64_t page, const uint8_t *head)
{
	size_t count = r->count;

	if (start_of_known(r, page) != page)
		return;
	for (size_t slot = 0; slot <= 8; slot += 8) {
		test(r, page + QUICK_OFFSET + slot, head + slot);
		test32(r, page + QUICK_OFFSET + slot, head + slot);
	}
	if (r->count > count)
		leave_out(r, page);
}

/* From the top down, as the kernel gives memory out: the VM comes before all that it allocated. */
static void scan_pages(struct results *r, uint64_t start, uint64_t end)
{
	uint64_t pages[PAGES], used[PAGES], known;
	uint8_t heads[PAGES][QUICK_SIZE];
	size_t n, k;

	while (end > start) {
		known = start_of_known(r, end - PAGE);
		if (known != end - PAGE) {
			end = known;
			continue;
		}
		k = (end - start) / PAGE < PAGES ? (end - start) / PAGE : PAGES;
		pagemap_read(r->pagemap, end - k * PAGE, k, used);
		for (n = 0; k-- > 0;) {
			end -= PAGE;
			if (used[k] & PAGEMAP_USED)
				pages[n++] = end + QUICK_OFFSET;
		}
		memory_read_each(r->memory, pages, n, QUICK_SIZE, heads);
		for (k = 0; k < n; k++)
			test_page(r, pages[k] - QUICK_OFFSET, heads[k]);
	}
}

static struct results begin(const struct memory *m, struct scan_hit *hits, size_t capacity)
{
	return (struct results){
		.memory = m, .hits = hits, .capacity = capacity, .pagemap = pagemap_open(m->pid)};
}

static size_t end(struct results *r)
{
	if (r->pagemap >= 0)
		close(r->pagemap);
	segments_free(&r->owned);
	return r->count;
}

size_t scan_quick(const struct memory *m, const struct mappings *maps, struct scan_hit *hits,
		  size_t capacity)
{
	struct results r = begin(m, hits, capacity);
	size_t i;

	for (i = maps->count; i-- > 0;)
		if (mapping_is_heap(&maps->items[i]))
			scan_pages(&r, maps->items[i].start, maps->items[i].end);
	return end(&r);
}

/* Each aligned address of pages that lie together and are in use. */
static void scan_run(struct results *r, uint64_t address, uint8_t *chunk, size_t want)
{
	size_t size = memory_read_some(r->memory, address, chunk, want), k;

	for (k = 0; k + STATE_SIZE_MIN <= size; k += 8) {
		test(r, address + k, chunk + k);
		test32(r, address + k, chunk + k);
	}
}

static void scan_chunk(struct results *r, uint64_t address, uint8_t *chunk, size_t want)
{
	size_t count = want / PAGE, i, run;
	uint64_t used[PAGES];

	pagemap_read(r->pagemap, address, count, used);
	for (i = 0; i < count; i += run + 1) {
		for (run = 0; i + run < count && (used[i + run] & PAGEMAP_USED);)
			run++;
		if (run)
			scan_run(r, address + i * PAGE, chunk, run * PAGE);
	}
}

size_t scan_all(const struct memory *m, const struct mappings *maps, uint64_t limit,
		struct scan_hit *hits, size_t capacity)
{
	struct results r = begin(m, hits, capacity);
	uint8_t *chunk = malloc(CHUNK);
	size_t i, want;
	uint64_t at;

	for (i = 0; chunk && i < maps->count; i++) {
		if (!mapping_is_heap(&maps->items[i]))
			continue;
		for (at = maps->items[i].start; at < maps->items[i].end && limit >= PAGE;
		     at += STEP) {
			want = maps->items[i].end - at < CHUNK ? maps->items[i].end - at : CHUNK;
			if (want > limit)
				want = limit;
			limit -= want;
			scan_chunk(&r, at, chunk, want);
		}
	}
	free(chunk);
	return end(&r);
}
