/* SPDX-License-Identifier: MIT */
#include "unwind/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/memory.h"
#include "native/mapped_file.h"
#include "native/symbols.h"
#include "unwind/file_rows.h"
#include "unwind/sljit.h"

/* More than a server of one kind ever maps; what comes then has no rows. */
#define FILES_MAX 1024
/* OpenSSL is below it: what most samples of a TLS server need is there from the first on. */
#define SMALL_SECTION (512u << 10)
#define CODE_MAX (1u << 20)

/* Where the bytes of a mapped file come from. */
struct file_source {
	struct elf_source source;
	int fd;		  /* -1 for the vdso */
	const char *vdso; /* in this process: all have the same */
	size_t vdso_size;
};

static ssize_t read_vdso(void *context, void *out, size_t size, uint64_t offset)
{
	const struct file_source *f = context;

	if (offset >= f->vdso_size)
		return 0;
	if (size > f->vdso_size - offset)
		size = f->vdso_size - offset;
	memcpy(out, f->vdso + offset, size);
	return (ssize_t)size;
}

static bool open_source(pid_t pid, const struct mapping *m, struct file_source *f, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	f->fd = -1;
	if (!strcmp(m->path, "[vdso]")) {
		f->vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
		f->vdso_size = m->end - m->start;
		f->source = (struct elf_source){read_vdso, f};
		return f->vdso != NULL;
	}
	if (m->path[0] == '/')
		f->fd = mapped_file_open(pid, m, st);
	f->source = (struct elf_source){elf_read_fd, &f->fd};
	return f->fd >= 0;
}

static void close_source(struct file_source *f)
{
	if (f->fd >= 0)
		close(f->fd);
}

static bool same_layout(const struct elf_layout *a, const struct elf_layout *b)
{
	return a->build_id_size == b->build_id_size &&
	       !memcmp(a->build_id, b->build_id, a->build_id_size) &&
	       a->eh_frame.offset == b->eh_frame.offset && a->eh_frame.size == b->eh_frame.size;
}

static bool same(const struct unwind_file *a, const struct unwind_file *b)
{
	if (!same_layout(&a->layout, &b->layout) || a->size != b->size)
		return false;
	return a->layout.build_id_size ||
	       (a->device == b->device && a->inode == b->inode && a->changed_ns == b->changed_ns);
}

struct unwind_file *files_of_mapping(struct files *files, pid_t pid, const struct mapping *mapping)
{
	struct unwind_file *file = NULL, *known;
	struct file_source source;
	struct stat st;
	size_t count = 0;

	if (!open_source(pid, mapping, &source, &st))
		return NULL;
	file = calloc(1, sizeof(*file));
	if (!file)
		goto out;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	file->size = (uint64_t)st.st_size;
	file->changed_ns = (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec;
	if (!elf_layout_read(&source.source, &file->layout)) {
		free(file);
		file = NULL;
		goto out;
	}
	for (known = files->first; known; known = known->next, count++) {
		if (same(known, file))
			break;
	}
	if (known || count >= FILES_MAX) {
		free(file);
		file = known;
		goto out;
	}
	file->next = files->first;
	files->first = file;
out:
	close_source(&source);
	return file;
}

bool files_is_small(const struct unwind_file *file)
{
	return file->layout.eh_frame.size + file->layout.debug_frame.size <= SMALL_SECTION;
}

static bool put_rows(struct files *files, struct unwind_file *file, const struct rows *rows)
{
	size_t done = 0;
	int put;

	while (done < rows->count) {
		if (file->piece_count == FILE_PIECES)
			return false;
		put = chunks_put(files->chunks, rows->items + done, rows->count - done,
				 &file->pieces[file->piece_count]);
		if (put <= 0)
			return false;
		file->piece_count++;
		done += (size_t)put;
	}
	return done > 0;
}

bool files_load(struct files *files, struct unwind_file *file, pid_t pid,
		const struct mapping *mapping)
{
	struct frame_counts counts;
	struct file_source source;
	struct elf_layout layout;
	struct rows rows = {0};
	struct stat st;

	if (file->state != FILE_UNLOADED)
		return file->state == FILE_LOADED;
	/* It could be opened before: the process ends, and the next one with this file may not. */
	if (!open_source(pid, mapping, &source, &st)) {
		file->failed_for = pid;
		return false;
	}
	file->state = FILE_UNUSABLE;
	/* The layout is read again: the file may be another one since. */
	if (elf_layout_read(&source.source, &layout) && same_layout(&layout, &file->layout) &&
	    file_rows_read(&source.source, &layout, &rows, &counts) == 0 &&
	    put_rows(files, file, &rows))
		file->state = FILE_LOADED;
	file->rows = file->state == FILE_LOADED ? rows.count : 0;
	files->rows += file->rows;
	*(file->state == FILE_LOADED ? &files->loaded : &files->unusable) += 1;
	rows_free(&rows);
	close_source(&source);
	return file->state == FILE_LOADED;
}

static uint64_t hash_code(const uint8_t *bytes, size_t size, uint64_t hash)
{
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}

static struct unwind_file *code_of(struct files *files, const uint8_t *bytes, size_t size)
{
	struct unwind_file wanted = {.size = size,
				     .inode = hash_code(bytes, size, 0xcbf29ce484222325ULL),
				     .changed_ns = hash_code(bytes, size, 0x84222325cbf29ce4ULL)};
	struct unwind_file *file;
	struct rows rows = {0};
	size_t count = 0;

	for (file = files->first; file; file = file->next, count++) {
		if (same(file, &wanted))
			return file->state == FILE_LOADED ? file : NULL;
	}
	file = count < FILES_MAX ? malloc(sizeof(*file)) : NULL;
	if (!file)
		return NULL;
	*file = wanted;
	file->state = FILE_UNUSABLE;
	if (sljit_rows(bytes, size, &rows)) {
		rows_finish(&rows);
		if (put_rows(files, file, &rows))
			file->state = FILE_LOADED;
	}
	files->rows += rows.count;
	rows_free(&rows);
	file->next = files->first;
	files->first = file;
	return file->state == FILE_LOADED ? file : NULL;
}

struct unwind_file *files_of_code(struct files *files, pid_t pid, const struct mapping *mapping)
{
	size_t size = mapping->end - mapping->start;
	struct unwind_file *file = NULL;
	uint8_t *bytes;

	if (size > CODE_MAX)
		return NULL;
	bytes = malloc(size);
	if (!bytes)
		return NULL;
	if (memory_read(&(struct memory){pid}, mapping->start, bytes, size))
		file = code_of(files, bytes, size);
	free(bytes);
	return file;
}

void files_free(struct files *files)
{
	struct unwind_file *next;

	for (; files->first; files->first = next) {
		next = files->first->next;
		free(files->first);
	}
}
