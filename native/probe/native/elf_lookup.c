/* SPDX-License-Identifier: MIT */
#include "native/elf.h"

#include <stdlib.h>
#include <string.h>

#include "host/tempt.h"

enum {
	/* Names of one address that are compared, and symbols before it that may still enclose it.
	 */
	MAX_ALIASES = 8,
	MAX_BACK = 16,
	NAMES_A_READ = 64 * 1024,
};

/* Length of the name, cut; 0 if it cannot be read. */
static size_t read_name(const struct elf_source *source, const struct elf_image *image,
			uint32_t offset, char name[ELF_MAX_NAME])
{
	uint64_t at;
	ssize_t n;

	name[0] = '\0';
	if (offset >= image->names_size ||
	    __builtin_add_overflow(image->names_offset, (uint64_t)offset, &at))
		return 0;
	n = source->read(source->context, name, ELF_MAX_NAME - 1, at);
	if (n <= 0)
		return 0;
	name[n] = '\0';
	/* "memcpy@@GLIBC_2.14": which version of the interface it is interests the linker. */
	n = (ssize_t)strcspn(name, "@");
	if (n)
		name[n] = '\0';
	return strlen(name);
}

/* read() rather than __read(), malloc() rather than __libc_malloc(). */
static bool reads_better(const char *candidate, const char *than)
{
	size_t a = strspn(candidate, "_"), b = strspn(than, "_");

	return *candidate && (!*than || a < b || (a == b && strlen(candidate) < strlen(than)));
}

static bool covers(const struct elf_symbol *symbol, uint64_t address)
{
	return address - symbol->address < symbol->size;
}

/* The last symbol at or before the address that covers it, else the last one before it. */
static const struct elf_symbol *nearest(const struct elf_image *image, uint64_t address)
{
	const struct elf_symbol *symbols = image->symbols;
	size_t low = 0, high = image->symbol_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	for (size_t back = 1; back <= MAX_BACK && back <= low; back++) {
		if (covers(&symbols[low - back], address))
			return &symbols[low - back];
	}
	return &symbols[low - 1];
}

const struct elf_symbol *elf_find(const struct elf_image *image, uint64_t address,
				  bool *approximate)
{
	const struct elf_symbol *found = NULL;

	if (image->symbol_count && address >= image->base)
		found = nearest(image, address - image->base);
	if (found)
		*approximate = !covers(found, address - image->base) &&
			       (found->size || image->exported_only);
	return found;
}

size_t elf_aliases(const struct elf_source *source, const struct elf_image *image,
		   const struct elf_symbol *symbol, char *names, size_t capacity)
{
	const struct elf_symbol *end = image->symbols + image->symbol_count;
	uint32_t address = symbol->address;
	char name[ELF_MAX_NAME];
	size_t used = 0, length;

	while (symbol > image->symbols && symbol[-1].address == address)
		symbol--;
	for (int i = 0; i <= MAX_ALIASES && symbol < end && symbol->address == address; i++) {
		length = read_name(source, image, symbol++->name, name) + 1;
		if (length > capacity - used)
			break;
		memcpy(names + used, name, length);
		used += length;
	}
	return used;
}

size_t elf_name(const struct elf_source *source, const struct elf_image *image,
		const struct elf_symbol *symbol, char name[ELF_MAX_NAME])
{
	const struct elf_symbol *end = image->symbols + image->symbol_count;
	char other[ELF_MAX_NAME];
	uint32_t address = symbol->address;

	while (symbol > image->symbols && symbol[-1].address == address)
		symbol--;
	read_name(source, image, symbol->name, name);
	for (int i = 0; i < MAX_ALIASES && ++symbol < end && symbol->address == address; i++) {
		read_name(source, image, symbol->name, other);
		if (reads_better(other, name))
			strcpy(name, other);
	}
	tempt(name, strlen(name));
	return strlen(name);
}

uint64_t elf_function(const struct elf_source *source, const struct elf_image *image,
		      const char *name)
{
	size_t length = strlen(name) + 1;
	uint64_t result = 0, start = 0;
	char *names = malloc(NAMES_A_READ);

	/* Looks for the name among the names, then for the symbol that bears it. */
	while (names && !result && length < NAMES_A_READ && start < image->names_size) {
		ssize_t n = source->read(source->context, names, NAMES_A_READ,
					 image->names_offset + start);
		const char *at = names;

		if (n < (ssize_t)length)
			break;
		while (!result && (at = memmem(at, (size_t)(names + n - at), name, length))) {
			for (size_t i = 0; i < image->symbol_count && !result; i++) {
				if (image->symbols[i].name == start + (uint64_t)(at - names))
					result = image->base + image->symbols[i].address;
			}
			at++;
		}
		if (n < NAMES_A_READ)
			break;
		start += (uint64_t)n - length;
	}
	free(names);
	return result;
}
