/* SPDX-License-Identifier: MIT */
#include "native/files.h"

#include "host/target_file.h"
#include "host/usage.h"
#include "native/debug_file.h"
#include "native/elf_code.h"
#include "native/mapped_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names that were looked up, by the address in the file: the same few are asked for again and
 * again. */
enum { NAME_SLOTS = 256 };

/*
 * A process that ends takes its files along, and others of the same files live on: so each process
 * that meets a file that could not be opened tries again, up to a number of them, and any at times.
 */
enum { TRIES_AT_ONCE = 16, TRY_AGAIN_MS = 2000 };

struct cached_name {
	uint32_t symbol; /* its index */
	char *name;	 /* NULL: free */
};

struct symbol_file {
	uint64_t inode;
	uint32_t device;
	uint64_t used; /* when, by the count of look-ups */
	struct elf_image image;
	struct elf_code code;
	char stub[ELF_MAX_NAME]; /* the last one's name */
	bool unreadable;
	pid_t tried_by; /* if it is unreadable: last */
	uint64_t tried_ms;
	uint32_t tries;
	char *debug_path; /* of the file with the symbols; NULL: that which is mapped */
	struct cached_name names[NAME_SLOTS];
};

static struct symbol_file *files[FILES_MAX];
static size_t file_count;
static uint64_t uses;

/* The file with the symbols: that which is mapped, or the one that they were taken to. */
static int open_symbols(const struct symbol_file *file, pid_t pid, const struct mapping *mapping)
{
	struct stat stat;

	return file->debug_path ? target_open(pid, file->debug_path, &stat)
				: mapped_file_open(pid, mapping, &stat);
}

/* A stripped file has no more than what it exports: all its symbols may stand elsewhere. */
static void load_debug_file(struct symbol_file *file, pid_t pid, const struct mapping *mapping,
			    const struct elf_source *source)
{
	char path[DEBUG_FILE_PATH];
	int fd = debug_file_open(pid, source, mapping->path, path);
	struct elf_image image;

	if (fd < 0)
		return;
	if (!elf_load(&(struct elf_source){elf_read_fd, &fd}, &image)) {
		file->debug_path = image.symbol_count && !image.exported_only ? strdup(path) : NULL;
		if (file->debug_path) {
			/* Where its code stands in the file only the mapped one knows. */
			memcpy(image.segments, file->image.segments, sizeof(image.segments));
			image.segment_count = file->image.segment_count;
			elf_free(&file->image);
			file->image = image;
		} else {
			elf_free(&image);
		}
	}
	close(fd);
}

static void load(struct symbol_file *file, pid_t pid, const struct mapping *mapping)
{
	struct stat stat;
	int fd = mapped_file_open(pid, mapping, &stat);
	struct elf_source source = {elf_read_fd, &fd};

	file->unreadable = fd < 0;
	file->tried_by = pid;
	file->tried_ms = clock_monotonic_ms();
	file->tries++;
	if (fd < 0)
		return;
	elf_code_read(&source, &file->code);
	if (!elf_load(&source, &file->image) &&
	    (file->image.exported_only || !file->image.symbol_count))
		load_debug_file(file, pid, mapping, &source);
	close(fd);
}

static bool is_due(const struct symbol_file *file, pid_t pid)
{
	return file->unreadable && ((file->tried_by != pid && file->tries < TRIES_AT_ONCE) ||
				    clock_monotonic_ms() - file->tried_ms >= TRY_AGAIN_MS);
}

static void free_file(struct symbol_file *file)
{
	for (size_t i = 0; i < NAME_SLOTS; i++)
		free(file->names[i].name);
	elf_free(&file->image);
	free(file->debug_path);
	free(file);
}

static size_t size_of(const struct symbol_file *file)
{
	return sizeof(*file) + file->image.symbol_count * sizeof(*file->image.symbols);
}

/* Makes room for one more file, the one just used being spared. */
static void forget_oldest(void)
{
	for (;;) {
		size_t total = 0, oldest = 0;

		for (size_t i = 0; i < file_count; i++) {
			total += size_of(files[i]);
			if (files[i]->used < files[oldest]->used)
				oldest = i;
		}
		if (file_count < 2 || (file_count < FILES_MAX && total <= FILES_MAX_BYTES))
			return;
		free_file(files[oldest]);
		files[oldest] = files[--file_count];
	}
}

struct symbol_file *symbol_file_of(pid_t pid, const struct mapping *mapping)
{
	struct symbol_file *file;

	for (size_t i = 0; i < file_count; i++) {
		file = files[i];
		if (file->inode == mapping->inode && file->device == mapping->device) {
			file->used = ++uses;
			if (is_due(file, pid))
				load(file, pid, mapping);
			return file;
		}
	}
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->inode = mapping->inode;
	file->device = mapping->device;
	file->used = ++uses;
	load(file, pid, mapping);
	files[file_count++] = file;
	forget_oldest();
	return file;
}

static const char *name_of(struct symbol_file *file, pid_t pid, const struct mapping *mapping,
			   const struct elf_symbol *symbol)
{
	uint32_t index = (uint32_t)(symbol - file->image.symbols);
	struct cached_name *cached = &file->names[index % NAME_SLOTS];
	char name[ELF_MAX_NAME] = "";
	int fd;

	if (!cached->name || cached->symbol != index) {
		fd = open_symbols(file, pid, mapping);
		/* The next process may be luckier. */
		if (fd < 0)
			return NULL;
		elf_name(&(struct elf_source){elf_read_fd, &fd}, &file->image, symbol, name);
		close(fd);
		free(cached->name);
		cached->symbol = index;
		cached->name = strdup(name);
	}
	return cached->name && *cached->name ? cached->name : NULL;
}

/* Of code that no symbol covers: a stub's name, else where the function begins. */
static bool find_stub(struct symbol_file *file, pid_t pid, const struct mapping *mapping,
		      uint64_t address, struct symbol *out)
{
	struct stat stat;
	int fd = mapped_file_open(pid, mapping, &stat);
	const struct elf_source source = {elf_read_fd, &fd};
	bool found = false;

	if (fd < 0)
		return false;
	if (elf_is_stub(&file->code, address))
		found = elf_stub_name(&source, &file->code, address, file->stub) > 0;
	else
		out->begins = elf_function_start(&source, &file->code, address);
	close(fd);
	return found;
}

const char *symbol_file_find(struct symbol_file *file, pid_t pid, const struct mapping *mapping,
			     uint64_t offset, struct symbol *out)
{
	const struct elf_symbol *symbol = NULL;
	uint64_t address;

	if (!elf_address_of_offset(&file->image, offset, &address))
		return NULL;
	symbol = elf_find(&file->image, address, &out->approximate);
	if (!symbol || out->approximate) {
		if (find_stub(file, pid, mapping, address, out)) {
			out->approximate = false;
			return file->stub;
		}
		out->approximate = true;
	}
	if (symbol)
		out->distance =
			(out->begins ? out->begins : address) - file->image.base - symbol->address;
	return symbol ? name_of(file, pid, mapping, symbol) : NULL;
}

size_t symbol_file_function(struct symbol_file *file, pid_t pid, const struct mapping *mapping,
			    uint64_t offset, uint64_t *address, char *names, size_t capacity)
{
	const struct elf_symbol *symbol = NULL;
	bool approximate;
	uint64_t at;
	size_t size;
	int fd;

	if (elf_address_of_offset(&file->image, offset, &at))
		symbol = elf_find(&file->image, at, &approximate);
	if (!symbol || approximate)
		return 0;
	fd = open_symbols(file, pid, mapping);
	if (fd < 0)
		return 0;
	size = elf_aliases(&(struct elf_source){elf_read_fd, &fd}, &file->image, symbol, names,
			   capacity);
	close(fd);
	*address -= at - file->image.base - symbol->address;
	return size;
}

bool symbol_file_unreadable(const struct symbol_file *file, pid_t pid)
{
	return file->unreadable && file->tried_by == pid;
}

void symbol_files_free(void)
{
	while (file_count)
		free_file(files[--file_count]);
}
