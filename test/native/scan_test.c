/* SPDX-License-Identifier: MIT */
/* The search for VMs, over pages of this process: what belongs to one that was found is left out.
 */
/* modules: luajit/scan.c luajit/segments.c native/mappings.c */
#include "check.h"

#include <linux/types.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/pagemap.h"
#include "luajit/layout.h"
#include "luajit/scan.h"
#include "luajit/segments.h"

#define PAGE 4096
#define PAGES 400
/* Behind the start of an allocator's first segment: its state, and the VM's main thread. */
#define STATE 0x10
#define THREAD 0x378
#define STATE_SIZE 0x70
/* Of the allocator's state. */
#define TOP_SIZE (STATE + 0x10)
#define TOP (STATE + 0x20)
#define NEWEST (STATE + 0x38 + 98 * 8)
#define FOOT 64

static struct memory own;
static uint8_t *pages;

static uint64_t address(size_t page, size_t offset)
{
	return (uint64_t)(uintptr_t)(pages + page * PAGE + offset);
}

static void set(size_t page, size_t offset, uint64_t value)
{
	memcpy(pages + page * PAGE + offset, &value, sizeof(value));
}

static void add_vm(size_t page)
{
	pages[page * PAGE + THREAD + 9] = LUA_THREAD;
	set(page, THREAD + 0x10, address(page, THREAD + STATE_SIZE));
	set(page, THREAD + STATE_SIZE + 0xc0, address(page, THREAD));
}

static void set_segment(size_t page, size_t offset, size_t first, size_t count, uint64_t next)
{
	set(page, offset, address(first, 0));
	set(page, offset + 8, count * PAGE);
	set(page, offset + 16, next);
}

/* The state of an allocator at `page`, whose newest segment is that long; an older one follows. */
static void add_allocator(size_t page, size_t newest, size_t count, uint64_t next)
{
	set(page, TOP, address(newest, PAGE));
	set(page, TOP_SIZE, (count - 1) * PAGE - FOOT);
	set_segment(page, NEWEST, newest, count, next);
}

static size_t scan(struct scan_hit hits[8], bool all)
{
	struct mapping item = {
		.start = address(0, 0), .end = address(PAGES, 0), .perms = "rw-p", .path = ""};
	struct mappings maps = {&item, 1};

	return all ? scan_all(&own, &maps, UINT64_MAX, hits, 8) : scan_quick(&own, &maps, hits, 8);
}

static bool has(const struct scan_hit *hits, size_t count, size_t page)
{
	for (size_t i = 0; i < count; i++)
		if (hits[i].main_thread == address(page, THREAD))
			return hits[i].state_size == STATE_SIZE && !hits[i].gc32;
	return false;
}

/* Nothing was ever in them, and to look for VMs does not change that. */
static bool are_unused(size_t page, size_t count)
{
	uint64_t used[PAGES];
	int pagemap = pagemap_open(own.pid);

	pagemap_read(pagemap, address(page, 0), count, used);
	close(pagemap);
	for (size_t i = 0; i < count; i++)
		if (used[i] & PAGEMAP_USED)
			return false;
	return true;
}

/* One VM at the top, with memory around it and further down, and one of its own below. */
static void finds_vms_and_touches_no_unused_page(void)
{
	struct scan_hit hits[8];
	size_t n;

	add_vm(300);
	add_vm(310);
	add_vm(150);
	add_vm(160);
	add_vm(99);
	add_vm(0);
	n = scan(hits, false);
	CHECK(n == 6);
	CHECK(has(hits, n, 300) && has(hits, n, 310) && has(hits, n, 150) && has(hits, n, 0));
	CHECK(scan(hits, true) == 6);
	CHECK(are_unused(1, 98) && are_unused(200, 100) && !are_unused(300, 1));
}

/* Two whole VMs lie in the memory of the first, as only leftovers can. */
static void skips_the_segments_of_an_allocator(void)
{
	struct segment_list l = {0};
	struct scan_hit hits[8];
	size_t n;

	add_allocator(300, 300, 10, address(100, PAGE - 32));
	set_segment(100, PAGE - 32, 100, 100, 0);
	CHECK(segments_add(&l, &own, address(300, STATE)));
	CHECK(l.count == 2 && l.items[1].start == address(100, 0));
	CHECK(l.items[1].end == address(200, 0));
	n = scan(hits, false);
	CHECK(n == 4);
	CHECK(has(hits, n, 310) && has(hits, n, 300) && has(hits, n, 99) && has(hits, n, 0));
	segments_free(&l);
}

/* Its own state is in none of its segments, or they never end. */
static void disbelieves_an_allocator_that_contradicts_itself(void)
{
	struct segment_list l = {0};
	struct scan_hit hits[8];

	set_segment(100, PAGE - 32, 100, 100, address(100, PAGE - 32));
	CHECK(!segments_add(&l, &own, address(300, STATE)) && l.count == 0);
	CHECK(scan(hits, false) == 6);
	add_allocator(300, 100, 100, 0);
	CHECK(!segments_add(&l, &own, address(300, STATE)) && l.count == 0);
	CHECK(scan(hits, false) == 6);
	segments_free(&l);
}

int main(void)
{
	own.pid = getpid();
	pages = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(pages != MAP_FAILED);
	RUN(finds_vms_and_touches_no_unused_page());
	RUN(skips_the_segments_of_an_allocator());
	RUN(disbelieves_an_allocator_that_contradicts_itself());
	return CHECKS_RESULT;
}
