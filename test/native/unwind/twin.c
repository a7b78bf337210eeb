/* SPDX-License-Identifier: MIT */
#include "twin.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "native/symbols.h"
#include "unwind/file_rows.h"

#define FILES_MAX 64

static const struct twin_stack *memory;

static long read_stack(void *out, size_t size, uint64_t address)
{
	if (address < memory->at || size > memory->size ||
	    address - memory->at > memory->size - size)
		return -1;
	memcpy(out, memory->bytes + (address - memory->at), size);
	return 0;
}

static __u32 find_rule(uint64_t address);

#define WALK_READ(dst, size, address) read_stack((dst), (size), (address))
#define UNWIND_RULE(walk, address) ((void)(walk), find_rule(address))
#include "walk/step.h"

struct loaded {
	uint64_t inode;
	struct elf_layout layout;
	struct rows rows;
};

static struct mappings mappings;
static struct loaded files[FILES_MAX];
static size_t file_count;

static struct loaded *load(const struct mapping *m)
{
	struct frame_counts counts;
	struct elf_source source;
	struct loaded *f;
	int fd;

	for (size_t i = 0; i < file_count; i++) {
		if (files[i].inode == m->inode)
			return &files[i];
	}
	fd = m->path[0] == '/' && file_count < FILES_MAX ? open(m->path, O_RDONLY) : -1;
	if (fd < 0)
		return NULL;
	source = (struct elf_source){elf_read_fd, &fd};
	f = &files[file_count];
	f->inode = m->inode;
	if (elf_layout_read(&source, &f->layout) &&
	    !file_rows_read(&source, &f->layout, &f->rows, &counts))
		file_count++;
	else
		f = NULL;
	close(fd);
	return f;
}

static __u32 find_rule(uint64_t address)
{
	const struct mapping *m = mappings_find(&mappings, address);
	struct loaded *f = m ? load(m) : NULL;
	uint64_t linked;

	if (!f || !elf_layout_address(&f->layout, m->offset, &linked))
		return UNWIND_ANSWER_UNMAPPED;
	return rows_find(f->rows.items, f->rows.count,
			 (uint32_t)(linked - f->layout.low + (address - m->start)));
}

size_t twin_unwind(pid_t pid, const struct twin_stack *stack, uint64_t *frames, size_t capacity,
		   unsigned int *state)
{
	struct unwind_walk w = {
		.ip = stack->ip, .sp = stack->sp, .fp = stack->fp, .leaf = 1, .exact = 1};
	size_t count = 0;
	int gone = 0;
	__u64 frame;

	memory = stack;
	if (mappings_read(pid, &mappings))
		return 0;
	while (count < capacity && !gone && w.state == UNWIND_GOES_ON) {
		gone = unwind_step(&w, &frame);
		frames[count++] = frame;
	}
	*state = w.state;
	mappings_free(&mappings);
	while (file_count)
		rows_free(&files[--file_count].rows);
	return count;
}
