/* SPDX-License-Identifier: MIT */
#include "unwind/ranges.h"

#include <string.h>

#include "host/memory.h"
#include "native/symbols.h"

#define PAGE 4096

/* Ranges of one mapping: it may be split where its file's rows are. */
struct list {
	struct unwind_space *space;
	size_t left_out;
};

static void add(struct list *l, uint64_t start, uint64_t end, const struct unwind_range *like)
{
	struct unwind_range *r;

	if (start >= end)
		return;
	if (l->space->count == UNWIND_RANGES || end - start > UINT32_MAX) {
		l->left_out++;
		return;
	}
	r = &l->space->ranges[l->space->count++];
	*r = *like;
	r->start = start;
	r->size = (uint32_t)(end - start);
}

/*
 * Each piece of the file's rows holds from its first row's address up to the next piece's.
 */
static void add_pieces(struct list *l, const struct unwind_file *file, const struct mapping *m,
		       uint32_t pc)
{
	uint64_t from, to, low = pc, high = pc + (m->end - m->start);

	for (size_t i = 0; i < file->piece_count; i++) {
		const struct chunk_piece *piece = &file->pieces[i];

		from = i == 0 || piece->first < low ? low : piece->first;
		to = i + 1 < file->piece_count ? file->pieces[i + 1].first : high;
		if (to > high)
			to = high;
		if (from >= to)
			continue;
		add(l, m->start + (from - low), m->start + (to - low),
		    &(struct unwind_range){.kind = UNWIND_RANGE_ROWS,
					   .pc = (uint32_t)from,
					   .origin = piece->origin,
					   .index = piece->index,
					   .pages = piece->pages});
	}
}

/*
 * LuaJIT begins each area of machine code with a link: the address of the next area, or 0, and its
 * own size. Other compilers' memory does not begin like that.
 */
static bool is_luajit(pid_t pid, const struct mapping *m, const struct mappings *all)
{
	uint64_t link[2];

	if (!memory_read(&(struct memory){pid}, m->start, link, sizeof(link)))
		return false;
	if (link[1] < PAGE || link[1] % PAGE || link[1] > m->end - m->start || link[0] % PAGE)
		return false;
	return link[0] == 0 || mappings_find(all, link[0]) != NULL;
}

static void add_file(struct list *l, struct files *files, pid_t pid, const struct mapping *m,
		     uint64_t wanted)
{
	struct unwind_file *file = files_of_mapping(files, pid, m);
	struct unwind_range none = {.kind = UNWIND_RANGE_ROWS};
	struct unwind_range unloaded = {.kind = UNWIND_RANGE_UNLOADED};
	uint64_t address;

	if (!file || !elf_layout_address(&file->layout, m->offset, &address) ||
	    address - file->layout.low > UINT32_MAX) {
		/* A range without rows: its code is known to have no rule. */
		add(l, m->start, m->end, &none);
		return;
	}
	if (file->state == FILE_UNLOADED &&
	    (files_is_small(file) || wanted - m->start < m->end - m->start))
		files_load(files, file, pid, m);
	if (file->state == FILE_UNLOADED && file->failed_for != pid)
		add(l, m->start, m->end, &unloaded);
	else if (file->state == FILE_LOADED)
		add_pieces(l, file, m, (uint32_t)(address - file->layout.low));
	else
		add(l, m->start, m->end, &none);
}

static void add_anonymous(struct list *l, struct files *files, pid_t pid, const struct mapping *m,
			  const struct mappings *all)
{
	struct unwind_range range = {.kind = UNWIND_RANGE_LUAJIT};
	struct unwind_file *code = NULL;

	if (!is_luajit(pid, m, all)) {
		range.kind = UNWIND_RANGE_FOREIGN;
		code = files_of_code(files, pid, m);
	}
	if (code)
		add_pieces(l, code, m, 0);
	else
		add(l, m->start, m->end, &range);
}

int ranges_read(struct files *files, pid_t pid, uint64_t wanted, struct unwind_space *out,
		size_t *left_out)
{
	struct list l = {.space = out};
	struct mappings all;
	int err;

	err = mappings_read(pid, &all);
	if (err)
		return err;
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < all.count; i++) {
		const struct mapping *m = &all.items[i];

		/* vsyscall is the kernel's. */
		if (m->perms[2] != 'x' || (int64_t)m->start < 0)
			continue;
		if (m->path[0] == '/' || !strcmp(m->path, "[vdso]"))
			add_file(&l, files, pid, m, wanted);
		else
			add_anonymous(&l, files, pid, m, &all);
	}
	mappings_free(&all);
	*left_out = l.left_out;
	return 0;
}
