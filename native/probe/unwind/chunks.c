/* SPDX-License-Identifier: MIT */
#include "unwind/chunks.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "unwind/store.h"

struct chunks chunks_of(int outer, struct unwind_memory *memory, int (*make)(void))
{
	return (struct chunks){.outer = outer, .memory = memory, .make = make};
}

void chunks_close(struct chunks *c)
{
	for (size_t i = 0; i < c->made && !c->memory; i++)
		close(c->fds[i]);
	c->made = 0;
	c->used = 0;
}

static int make_chunk(struct chunks *c)
{
	uint32_t index = (uint32_t)c->made;
	int fd, err;

	if (c->made == UNWIND_CHUNKS)
		return -ENOSPC;
	if (c->memory) {
		err = store_make_chunk(c->memory, index);
		if (err)
			return err;
		c->made++;
		c->used = 0;
		return 0;
	}
	fd = c->make();
	if (fd < 0)
		return fd;
	err = bpf_map_update_elem(c->outer, &index, &fd, BPF_ANY);
	if (err) {
		close(fd);
		return err;
	}
	c->fds[c->made++] = fd;
	c->used = 0;
	return 0;
}

static size_t page_of(const struct unwind_row *rows, size_t i)
{
	return (rows[i].pc >> UNWIND_PAGE_SHIFT) - (rows[0].pc >> UNWIND_PAGE_SHIFT);
}

/* How many of the rows fit, with the index of their pages, into `room` entries. */
static size_t fitting(const struct unwind_row *rows, size_t count, size_t room)
{
	size_t low = 0, middle;

	if (count > room)
		count = room;
	while (low < count) {
		middle = low + (count - low + 1) / 2;
		if (middle + page_of(rows, middle - 1) + 1 <= room)
			low = middle;
		else
			count = middle - 1;
	}
	return low;
}

/* A page's rows begin with the one that holds at its start, on a page before. */
static void write_index(struct unwind_row *index, size_t pages, const struct unwind_row *rows,
			size_t count, size_t at)
{
	size_t next = 0, before;

	for (size_t page = 0; page < pages; page++) {
		before = next;
		while (next < count && page_of(rows, next) == page)
			next++;
		index[page].pc = (uint32_t)(at + (before ? before - 1 : 0));
		index[page].rule = (uint32_t)(at + next);
	}
}

/* Through a mapping of the pages concerned: one element a call would take far longer. */
static int write_rows(struct chunks *c, const struct unwind_row *rows, size_t count, size_t pages)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), start = c->used * sizeof(*rows);
	size_t skip = start % page, size = skip + (count + pages) * sizeof(*rows);
	struct unwind_row *to;
	char *mapped;

	if (c->memory) {
		to = c->memory->chunks[c->made - 1] + c->used;
		memcpy(to, rows, count * sizeof(*rows));
		write_index(to + count, pages, rows, count, c->used);
		return 0;
	}
	mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, c->fds[c->made - 1],
		      (off_t)(start - skip));
	if (mapped == MAP_FAILED)
		return -errno;
	to = (struct unwind_row *)(mapped + skip);
	memcpy(to, rows, count * sizeof(*rows));
	write_index(to + count, pages, rows, count, c->used);
	munmap(mapped, size);
	return 0;
}

int chunks_put(struct chunks *c, const struct unwind_row *rows, size_t count,
	       struct chunk_piece *piece)
{
	size_t fits = 0, pages;
	int err;

	if (c->made)
		fits = fitting(rows, count, UNWIND_CHUNK_ROWS - c->used);
	if (fits == 0) {
		err = make_chunk(c);
		if (err)
			return err;
		fits = fitting(rows, count, UNWIND_CHUNK_ROWS);
	}
	if (fits == 0)
		return -E2BIG;
	pages = page_of(rows, fits - 1) + 1;
	err = write_rows(c, rows, fits, pages);
	if (err)
		return err;
	*piece = (struct chunk_piece){
		.first = rows[0].pc,
		.origin = rows[0].pc >> UNWIND_PAGE_SHIFT << UNWIND_PAGE_SHIFT,
		.index = (uint32_t)((c->made - 1) * UNWIND_CHUNK_ROWS + c->used + fits),
		.pages = (uint32_t)pages,
	};
	c->used += fits + pages;
	return (int)fits;
}
