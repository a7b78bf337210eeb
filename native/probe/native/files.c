/* SPDX-License-Identifier: MIT */
#include "native/files.h"

#include "host/target_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Names that were looked up, by the address in the file: the same few are asked for again and
 * again. */
enum { NAME_SLOTS = 256 };

struct cached_name {
	uint32_t symbol; /* its index */
	char *name;	 /* NULL: free */
};

struct symbol_file {
	uint64_t inode;
	uint32_t device;
	uint64_t used; /* when, by the count of look-ups */
	struct elf_image image;
	struct cached_name names[NAME_SLOTS];
};

static struct symbol_file *files[FILES_MAX];
static size_t file_count;
static uint64_t uses;

/* The mapped file itself where the kernel lets us; else by its path, if it is still the same one.
 */
static int open_mapped(pid_t pid, const struct mapping *mapping)
{
	char path[96];
	struct stat stat;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", pid,
		 (unsigned long long)mapping->start, (unsigned long long)mapping->end);
	/* A file that is mapped is no device that reacts to being opened, but it may be in its way.
	 */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0)
		return fd;
	fd = mapping->deleted ? -ENOENT : target_open(pid, mapping->path, &stat);
	/* The device differs on overlay and btrfs file systems; the inode number does not. */
	if (fd >= 0 && stat.st_ino != mapping->inode) {
		close(fd);
		fd = -ESTALE;
	}
	return fd;
}

static void free_file(struct symbol_file *file)
{
	for (size_t i = 0; i < NAME_SLOTS; i++)
		free(file->names[i].name);
	elf_free(&file->image);
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
	int fd;

	for (size_t i = 0; i < file_count; i++) {
		file = files[i];
		if (file->inode == mapping->inode && file->device == mapping->device) {
			file->used = ++uses;
			return file;
		}
	}
	file = calloc(1, sizeof(*file));
	if (!file)
		return NULL;
	file->inode = mapping->inode;
	file->device = mapping->device;
	file->used = ++uses;
	fd = open_mapped(pid, mapping);
	if (fd >= 0) {
		elf_load(&(struct elf_source){elf_read_fd, &fd}, &file->image);
		close(fd);
	}
	files[file_count++] = file;
	forget_oldest();
	return file;
}

const char *symbol_file_find(struct symbol_file *file, pid_t pid, const struct mapping *mapping,
			     uint64_t offset, bool *approximate)
{
	const struct elf_symbol *symbol = NULL;
	struct cached_name *cached;
	char name[ELF_MAX_NAME] = "";
	uint64_t address;
	uint32_t index;
	int fd;

	if (elf_address_of_offset(&file->image, offset, &address))
		symbol = elf_find(&file->image, address, approximate);
	if (!symbol)
		return NULL;
	index = (uint32_t)(symbol - file->image.symbols);
	cached = &file->names[index % NAME_SLOTS];
	if (!cached->name || cached->symbol != index) {
		fd = open_mapped(pid, mapping);
		if (fd >= 0) {
			elf_name(&(struct elf_source){elf_read_fd, &fd}, &file->image, symbol,
				 name);
			close(fd);
		}
		free(cached->name);
		cached->symbol = index;
		cached->name = strdup(name);
	}
	return cached->name && *cached->name ? cached->name : NULL;
}

uint64_t symbol_file_function(struct symbol_file *file, pid_t pid, const struct mapping *mapping,
			      const char *name)
{
	int fd = file->image.symbol_count ? open_mapped(pid, mapping) : -1;
	uint64_t address;

	if (fd < 0)
		return 0;
	address = elf_function(&(struct elf_source){elf_read_fd, &fd}, &file->image, name);
	close(fd);
	return address;
}

const struct elf_image *symbol_file_image(const struct symbol_file *file)
{
	return &file->image;
}

void symbol_files_free(void)
{
	while (file_count)
		free_file(files[--file_count]);
}
