/* SPDX-License-Identifier: MIT */
#include "native/symbols.h"

#include "host/usage.h"
#include "native/files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/* An address in no mapping must not make us read the mappings again for every sample. */
enum { REREAD_MS = 1000 };

struct native_symbols {
	pid_t pid;
	struct mappings maps;
	uint64_t read_ns; /* 0: not yet */
};

/* The table of files is shared; it goes with the last of those that use it. */
static size_t instances;

struct native_symbols *native_symbols_new(pid_t pid)
{
	struct native_symbols *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->pid = pid;
	instances++;
	return n;
}

void native_symbols_free(struct native_symbols *n)
{
	if (!n)
		return;
	mappings_free(&n->maps);
	free(n);
	if (--instances == 0)
		symbol_files_free();
}

static void read_mappings(struct native_symbols *n)
{
	struct mappings maps;

	n->read_ns = clock_monotonic_ns();
	if (mappings_read(n->pid, &maps))
		return;
	mappings_free(&n->maps);
	n->maps = maps;
}

static const struct mapping *mapping_of(struct native_symbols *n, uint64_t address)
{
	const struct mapping *mapping = mappings_find(&n->maps, address);

	if (mapping || (n->read_ns && clock_monotonic_ns() - n->read_ns <= REREAD_MS * 1000000ull))
		return mapping;
	read_mappings(n);
	return mappings_find(&n->maps, address);
}

size_t native_symbols_function(struct native_symbols *n, uint64_t address, uint64_t *start,
			       char *names, size_t capacity)
{
	const struct mapping *mapping = mapping_of(n, address);
	struct symbol_file *file;

	if (!mapping || !mapping->inode)
		return 0;
	file = symbol_file_of(n->pid, mapping);
	if (!file)
		return 0;
	*start = address;
	return symbol_file_function(file, n->pid, mapping,
				    address - mapping->start + mapping->offset, start, names,
				    capacity);
}

/* The kernel maps the same code into each process. */
static ssize_t read_vdso(void *context, void *out, size_t size, uint64_t offset)
{
	const struct mapping *m = context;
	const char *image = (const char *)getauxval(AT_SYSINFO_EHDR);
	uint64_t whole = m->end - m->start;

	if (!image || offset >= whole)
		return 0;
	if (size > whole - offset)
		size = whole - offset;
	memcpy(out, image + offset, size);
	return (ssize_t)size;
}

static void find_in_vdso(const struct mapping *mapping, uint64_t address, struct symbol *out)
{
	const struct elf_source source = {read_vdso, (void *)mapping};
	static char name[ELF_MAX_NAME];
	const struct elf_symbol *symbol;
	struct elf_image image;
	uint64_t at;

	if (elf_load(&source, &image))
		return;
	if (elf_address_of_offset(&image, address - mapping->start, &at)) {
		symbol = elf_find(&image, at, &out->approximate);
		out->name_length = symbol ? elf_name(&source, &image, symbol, name) : 0;
		out->name = name;
		if (symbol)
			out->distance = at - image.base - symbol->address;
	}
	elf_free(&image);
}

bool native_symbols_find(struct native_symbols *n, uint64_t address, struct symbol *out)
{
	const struct mapping *mapping = mapping_of(n, address);
	struct symbol_file *file;
	const char *name = NULL;

	if (!mapping)
		return false;
	memset(out, 0, sizeof(*out));
	out->name = "";
	out->file = mapping->path;
	if (!strcmp(mapping->path, "[vdso]")) {
		find_in_vdso(mapping, address, out);
		return true;
	}
	file = mapping->inode ? symbol_file_of(n->pid, mapping) : NULL;
	out->unreadable = file && symbol_file_unreadable(file, n->pid);
	if (file)
		name = symbol_file_find(file, n->pid, mapping,
					address - mapping->start + mapping->offset, out);
	if (name) {
		out->name = name;
		out->name_length = strlen(name);
	}
	return true;
}
