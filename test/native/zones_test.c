/* SPDX-License-Identifier: MIT */
/* modules: nginx/slab.c nginx/shared_dict.c nginx/zone_memory.c */
/* modules: native/mapped_file.c */
/* Zones of shared memory: in the forms that nginx gives them, and in those that it never would. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "nginx/shared_dict.h"

enum { PAGE = 4096, PAGES = 16, SIZE = 20 * PAGE, CLASSES = 9, ENTRY_SHIFT = 7 };
#define BASE 0x7f1200000000ULL
#define NOW 1700000000000ULL

/* Says what stands where; filled in by lay(). */
struct laid {
	uint64_t bytes[SIZE / 8];
	size_t end, stats, table, start, data; /* offsets in bytes; of the header's `end` */
};

static uint64_t *at(struct laid *l, size_t offset)
{
	return &l->bytes[offset / 8];
}

/* As ngx_slab_init() does it, in a build with semaphores in its locks or without. */
static void lay(struct laid *l, bool semaphores)
{
	uint64_t *w = l->bytes;
	size_t i = semaphores ? 2 : 1;

	memset(l, 0, sizeof(*l));
	l->stats = 0x400;
	l->table = l->stats + CLASSES * 32;
	l->start = 4 * PAGE;
	l->data = l->start;
	w[i++] = 8;
	w[i++] = 3;
	w[i++] = BASE + l->table;
	w[i++] = BASE + l->table + PAGES * 24;
	w[i++] = 0;
	w[i++] = BASE + l->table + 48;
	w[i++] = 0;
	w[i++] = BASE + l->stats;
	w[i++] = PAGES - 2;
	w[i++] = BASE + l->start;
	l->end = i * 8;
	w[i++] = BASE + SIZE;
	w[i++] = BASE;
	i += semaphores ? 7 : 1;
	w[i++] = BASE + 0x300;
	i += 2;
	w[i++] = BASE + l->data;
	w[i++] = BASE;
}

static void lay_entry(struct laid *l, size_t offset, uint64_t expires)
{
	uint64_t *e = at(l, offset);
	uint64_t sentinel = BASE + l->data + 24;

	e[0] = 0xdeadbeef;
	e[1] = sentinel;
	e[2] = sentinel;
	e[3] = sentinel;
	e[4] = 1;
	e[5] = expires;
}

/* The head, two entries of which one has expired, and an element of a list. */
static void lay_dict(struct laid *l)
{
	uint64_t *stats = at(l, l->stats + (ENTRY_SHIFT - 3) * 32), *head = at(l, l->data);
	uint64_t *page = at(l, l->table);

	stats[0] = PAGE >> ENTRY_SHIFT;
	stats[1] = 4;
	stats[3] = 11;
	page[0] = 0xfULL << 32 | ENTRY_SHIFT;
	page[2] = 1;
	page[3] = 1ULL << 63 | 1;
	head[0] = head[1] = BASE + l->data + 24;
	head[8] = head[9] = BASE + l->data + 64;
	lay_entry(l, l->data + 128, 0);
	lay_entry(l, l->data + 256, NOW - 1);
	at(l, l->data + 384)[0] = BASE + l->data;
	at(l, l->data + 384)[1] = BASE + l->data;
	lay_entry(l, l->start + PAGE, NOW + 1);
}

static struct zone_memory zone_of(int fd, const struct laid *l)
{
	CHECK(pwrite(fd, l->bytes, SIZE, 0) == SIZE);
	return (struct zone_memory){.address = BASE, .size = SIZE, .fd = fd};
}

static void check_form(int fd, bool semaphores)
{
	struct laid l;
	struct slab slab;
	struct shared_dict dict;
	struct zone_memory z;

	lay(&l, semaphores);
	lay_dict(&l);
	z = zone_of(fd, &l);
	CHECK(slab_read(&z, &slab));
	CHECK(slab.pages == PAGES && slab.free_pages == PAGES - 2 && slab.page_bytes == PAGE);
	CHECK(slab.blocks == 4 && slab.refused == 11 && slab.data == BASE + l.data);
	CHECK(slab.free_in_pages == PAGE - 4 * 128);
	CHECK(shared_dict_read(&z, &slab, NOW, &dict));
	/* With the one that has a page for itself. */
	CHECK(dict.entries == 3 && dict.expired == 1);
	CHECK(dict.pages_used == 2 && dict.pages_looked_at == 2);
	z.fd = -1;
	CHECK(!shared_dict_read(&z, &slab, NOW, &dict));
}

/* Each of these alone makes it none. */
static void check_refused(int fd)
{
	static const struct {
		int word; /* from `end` */
		uint64_t value;
	} lies[] = {
		{0, BASE + SIZE + 8}, {-1, BASE + 5},	{-1, BASE - PAGE}, {-2, PAGES + 1},
		{-3, BASE},	      {-3, 0},		{-7, 0},	   {-7, BASE + SIZE},
		{-8, BASE + SIZE},    {-8, UINT64_MAX}, {-9, 2},	   {-9, 12},
		{-9, UINT64_MAX},     {-10, 16},
	};
	struct laid l;
	struct slab slab;
	struct zone_memory z;

	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		lay(&l, true);
		lay_dict(&l);
		at(&l, l.end)[lies[i].word] = lies[i].value;
		z = zone_of(fd, &l);
		CHECK(!slab_read(&z, &slab));
	}
	lay(&l, true);
	z = zone_of(fd, &l);
	z.size = 64;
	CHECK(!slab_read(&z, &slab));
}

/* Bytes change while they are read, or were never nginx's: figures may be wrong, nothing else. */
static void check_torn(int fd)
{
	struct laid l;
	struct slab slab;
	struct shared_dict dict;
	struct zone_memory z;

	srand(7);
	for (int round = 0; round < 20000; round++) {
		lay(&l, round & 1);
		lay_dict(&l);
		for (int i = rand() % 6; i >= 0; i--) {
			size_t from = rand() & 1 ? 0 : l.table + (size_t)(rand() & 1) * 40;
			uint64_t *word = at(&l, (from + (size_t)(rand() % 64) * 8) & ~7ULL);

			*word = rand() & 1 ? *word ^ 1ULL << rand() % 64
					   : (uint64_t)rand() << 32 | (uint64_t)rand();
		}
		z = zone_of(fd, &l);
		if (!slab_read(&z, &slab))
			continue;
		CHECK(slab.pages <= SIZE / PAGE && slab.free_pages <= slab.pages);
		if (shared_dict_read(&z, &slab, NOW, &dict))
			CHECK(dict.expired <= dict.entries &&
			      dict.pages_looked_at <= dict.pages_used);
	}
}

int main(void)
{
	int fd = memfd_create("zone", 0);

	CHECK(fd >= 0);
	RUN(check_form(fd, true));
	RUN(check_form(fd, false));
	RUN(check_refused(fd));
	RUN(check_torn(fd));
	close(fd);
	return CHECKS_RESULT;
}
