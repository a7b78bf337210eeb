/* SPDX-License-Identifier: MIT */
#include "native/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MAX_SYMBOLS = 1 << 20,
	MAX_NAMES = 32 << 20,
	MAX_MODULES = 1024,
	MAX_MODULE_NAME = 56,
	READ_CHUNK = 64 * 1024,
};

struct kernel_symbol {
	uint32_t offset; /* from the lowest address */
	uint32_t name;	 /* in names: a 16-bit module number, then the name and NUL */
};

struct kernel_symbols {
	uint64_t lowest;
	struct kernel_symbol *symbols; /* ascending */
	size_t count, capacity;
	char *names;
	size_t names_length, names_capacity;
	char modules[MAX_MODULES][MAX_MODULE_NAME]; /* number 0: the kernel itself */
	size_t module_count;
	bool loaded;
};

struct kernel_symbols *kernel_symbols_new(void)
{
	return calloc(1, sizeof(struct kernel_symbols));
}

static void forget(struct kernel_symbols *k)
{
	free(k->symbols);
	free(k->names);
	k->symbols = NULL;
	k->names = NULL;
	k->count = 0;
}

void kernel_symbols_free(struct kernel_symbols *k)
{
	if (!k)
		return;
	forget(k);
	free(k);
}

/* Room for one more element at the end of an array that grows by half, since all of it stays. */
static bool reserve(void *array, size_t needed, size_t *capacity, size_t size)
{
	size_t grown = *capacity + *capacity / 2;
	void **items = array;
	void *moved;

	if (needed <= *capacity)
		return true;
	if (grown < needed)
		grown = needed + 4096;
	moved = realloc(*items, grown * size);
	if (!moved)
		return false;
	*items = moved;
	*capacity = grown;
	return true;
}

/* Symbols of one module come together. */
static uint16_t module_number(struct kernel_symbols *k, const char *name, size_t length)
{
	char *last = k->modules[k->module_count];

	if (length >= MAX_MODULE_NAME)
		length = MAX_MODULE_NAME - 1;
	if (k->module_count && !strncmp(last, name, length) && !last[length])
		return (uint16_t)k->module_count;
	if (k->module_count == MAX_MODULES - 1)
		return 0;
	last = k->modules[++k->module_count];
	memcpy(last, name, length);
	last[length] = '\0';
	return (uint16_t)k->module_count;
}

/* "ffffffff81000000 T _text" and, for modules, "\t[name]". Only code is kept. False when out of
 * memory. */
static bool take_line(struct kernel_symbols *k, char *line)
{
	char *end, *name, *tab;
	uint64_t address = strtoull(line, &end, 16);
	uint16_t module = 0;
	size_t length;

	if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
		return true;
	if (!address || !strchr("tTwW", end[1]) || k->count == MAX_SYMBOLS)
		return true;
	name = end + 3;
	tab = strchr(name, '\t');
	if (tab && tab[1] == '[')
		module = module_number(k, tab + 2, strcspn(tab + 2, "]"));
	length = tab ? (size_t)(tab - name) : strlen(name);
	/* The padding in front of a function is no function; modern kernels name it. */
	if (!length || !strncmp(name, "__pfx_", 6))
		return true;
	if (!k->count)
		k->lowest = address & ~0x7fffffffull;
	if (address < k->lowest || address - k->lowest > UINT32_MAX ||
	    k->names_length + length + 3 > MAX_NAMES)
		return true;
	if (!reserve(&k->symbols, k->count + 1, &k->capacity, sizeof(*k->symbols)) ||
	    !reserve(&k->names, k->names_length + length + 3, &k->names_capacity, 1))
		return false;
	k->symbols[k->count++] =
		(struct kernel_symbol){(uint32_t)(address - k->lowest), (uint32_t)k->names_length};
	memcpy(k->names + k->names_length, &module, sizeof(module));
	memcpy(k->names + k->names_length + 2, name, length);
	k->names[k->names_length + 2 + length] = '\0';
	k->names_length += length + 3;
	return true;
}

/* Of several names for one address the one that came first is kept in front. */
static int by_offset(const void *a, const void *b)
{
	const struct kernel_symbol *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static bool read_lines(struct kernel_symbols *k, int fd, char *chunk)
{
	size_t kept = 0;

	for (;;) {
		ssize_t n = read(fd, chunk + kept, READ_CHUNK - 1 - kept);
		char *line = chunk, *end;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		chunk[kept + (size_t)n] = '\0';
		while ((end = strchr(line, '\n'))) {
			*end = '\0';
			if (!take_line(k, line))
				return false;
			line = end + 1;
		}
		kept = strlen(line);
		/* No line is as long as a chunk. */
		if (kept >= READ_CHUNK / 2)
			return false;
		memmove(chunk, line, kept);
	}
}

static void shrink(void *array, size_t size)
{
	void **items = array;
	void *moved = size ? realloc(*items, size) : NULL;

	if (moved)
		*items = moved;
}

/* Who may see addresses is asked when it is opened. */
static int kept = -1;

void kernel_symbols_prepare(void)
{
	kept = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
}

static void load(struct kernel_symbols *k)
{
	int fd = kept >= 0 ? dup(kept) : open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	char *chunk = malloc(READ_CHUNK);

	k->loaded = true;
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	if (fd < 0 || !chunk || !read_lines(k, fd, chunk))
		forget(k);
	shrink(&k->symbols, k->count * sizeof(*k->symbols));
	shrink(&k->names, k->names_length);
	if (k->count)
		qsort(k->symbols, k->count, sizeof(*k->symbols), by_offset);
	free(chunk);
	if (fd >= 0)
		close(fd);
}

bool kernel_symbols_find(struct kernel_symbols *k, uint64_t address, struct symbol *out)
{
	size_t low = 0, high;
	uint16_t module;
	const char *entry;

	if (!k->loaded)
		load(k);
	if (!k->count || address < k->lowest || address - k->lowest > UINT32_MAX)
		return false;
	high = k->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k->symbols[middle].offset <= address - k->lowest)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	low--;
	while (low && k->symbols[low - 1].offset == k->symbols[low].offset)
		low--;
	entry = k->names + k->symbols[low].name;
	memcpy(&module, entry, sizeof(module));
	out->name = entry + 2;
	out->name_length = strlen(out->name);
	out->file = module ? k->modules[module] : "";
	out->approximate = false;
	return true;
}
