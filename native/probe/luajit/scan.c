/* SPDX-License-Identifier: MIT */
#include "luajit/scan.h"

#include <stdlib.h>
#include <string.h>

#include "luajit/layout.h"

#define PAGE 4096
/* A VM is the first object of its allocator's first segment, behind that one's own state. */
#define QUICK_OFFSET 0x378
#define QUICK_SIZE 32
#define QUICK_PAGES 1024
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

size_t scan_quick(const struct memory *m, const struct mappings *maps, struct scan_hit *hits,
		  size_t capacity)
{
	struct results r = {.memory = m, .hits = hits, .capacity = capacity};
	uint64_t *pages = malloc(QUICK_PAGES * sizeof(*pages));
	uint8_t *heads = malloc((size_t)QUICK_PAGES * QUICK_SIZE);
	size_t i, k, n;
	uint64_t at;

	for (i = 0; pages && heads && i < maps->count; i++) {
		if (!is_heap(&maps->items[i]))
			continue;
		at = maps->items[i].start;
		while (at < maps->items[i].end) {
			for (n = 0; n < QUICK_PAGES && at < maps->items[i].end; at += PAGE)
				pages[n++] = at + QUICK_OFFSET;
			memory_read_each(m, pages, n, QUICK_SIZE, heads);
			for (k = 0; k < n; k++) {
				test(&r, pages[k], heads + k * QUICK_SIZE);
				test(&r, pages[k] + 8, heads + k * QUICK_SIZE + 8);
				test32(&r, pages[k], heads + k * QUICK_SIZE);
				test32(&r, pages[k] + 8, heads + k * QUICK_SIZE + 8);
			}
		}
	}
	free(pages);
	free(heads);
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
