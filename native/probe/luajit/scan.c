/* SPDX-License-Identifier: MIT */
#include "luajit/scan.h"

#include <stdlib.h>
#include <string.h>

#include "luajit/layout.h"
#include "luajit/segments.h"

#define PAGE 4096
/* A VM is the first object of its allocator's first segment, behind that one's own state. */
#define QUICK_OFFSET 0x378
#define QUICK_SIZE 32
#define QUICK_PAGES 64
#define CHUNK (256 * 1024)
#define STATE_SIZE_MIN 0x30
/* Chunks overlap by what a test reads, so that none falls between two. */
#define STEP (CHUNK - STATE_SIZE_MIN)

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

static bool is_heap(const struct mapping *m)
{
	if (memcmp(m->perms, "rw", 2) || m->perms[3] != 'p' || m->inode)
		return false;
	return !*m->path || !strcmp(m->path, "[heap]") || !strncmp(m->path, "[anon", 5);
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
	uint64_t pages[QUICK_PAGES];
	uint8_t heads[QUICK_PAGES][QUICK_SIZE];
	uint64_t known;
	size_t n, k;

	while (end > start) {
		for (n = 0; n < QUICK_PAGES && end > start;) {
			end -= PAGE;
			known = start_of_known(r, end);
			if (known == end)
				pages[n++] = end + QUICK_OFFSET;
			else
				end = known;
		}
		memory_read_each(r->memory, pages, n, QUICK_SIZE, heads);
		for (k = 0; k < n; k++)
			test_page(r, pages[k] - QUICK_OFFSET, heads[k]);
	}
}

size_t scan_quick(const struct memory *m, const struct mappings *maps, struct scan_hit *hits,
		  size_t capacity)
{
	struct results r = {.memory = m, .hits = hits, .capacity = capacity};
	size_t i;

	for (i = maps->count; i-- > 0;)
		if (is_heap(&maps->items[i]))
			scan_pages(&r, maps->items[i].start, maps->items[i].end);
	segments_free(&r.owned);
	return r.count;
}

size_t scan_all(const struct memory *m, const struct mappings *maps, uint64_t limit,
		struct scan_hit *hits, size_t capacity)
{
	struct results r = {.memory = m, .hits = hits, .capacity = capacity};
	uint8_t *chunk = malloc(CHUNK);
	size_t i, k, size, want;
	uint64_t at;

	for (i = 0; chunk && i < maps->count; i++) {
		if (!is_heap(&maps->items[i]))
			continue;
		for (at = maps->items[i].start; at < maps->items[i].end && limit; at += STEP) {
			want = maps->items[i].end - at < CHUNK ? maps->items[i].end - at : CHUNK;
			if (want > limit)
				want = limit;
			limit -= want;
			size = memory_read_some(m, at, chunk, want);
			for (k = 0; k + STATE_SIZE_MIN <= size; k += 8) {
				test(&r, at + k, chunk + k);
				test32(&r, at + k, chunk + k);
			}
		}
	}
	free(chunk);
	return r.count;
}
