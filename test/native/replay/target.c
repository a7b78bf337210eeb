/* SPDX-License-Identifier: MIT */
#include "target.h"

#include <string.h>
#include <sys/uio.h>

#include "host/target_pages.h"
#include "naming/definition.h"
#include "native/symbols.h"

#define PAGE 4096ULL
#define ADDRESS_END (1ULL << 56)

static struct {
	struct recorded_sample *sample;
	bool live;
	pid_t pid;
	bool muted; /* what is read now is not part of the walk */
} here;

void target_use(struct recorded_sample *sample, bool live, pid_t pid)
{
	here.sample = sample;
	here.live = live;
	here.pid = pid;
}

/* ---- memory ---- */

static const struct recorded_block *block_at(uint64_t address)
{
	for (size_t i = 0; i < here.sample->block_count; i++)
		if (here.sample->blocks[i].address == address)
			return &here.sample->blocks[i];
	return NULL;
}

/* The walk may read a little more or less tomorrow: so a page is readable as a whole. */
static bool page_is_there(uint64_t address)
{
	for (size_t i = 0; i < here.sample->block_count; i++)
		if ((here.sample->blocks[i].address ^ address) < PAGE)
			return true;
	return false;
}

static void log_block(uint64_t address)
{
	struct recorded_block block = {.address = address};
	struct iovec local = {block.bytes, BLOCK}, remote = {(void *)(uintptr_t)address, BLOCK};

	if (!block_at(address) && process_vm_readv(here.pid, &local, 1, &remote, 1, 0) == BLOCK)
		sample_add_block(here.sample, &block);
}

void target_log(uint64_t address, size_t size)
{
	for (uint64_t at = address & ~(BLOCK - 1ULL); at < address + size; at += BLOCK)
		if (at && at < ADDRESS_END)
			log_block(at);
}

/* How many bytes from the start can be read. */
static size_t answer(uint64_t address, uint8_t *out, size_t size)
{
	const struct recorded_block *block;
	uint64_t start;
	size_t done = 0;

	if (!address || address >= ADDRESS_END)
		return 0;
	while (done < size) {
		size_t at = (address + done) % BLOCK;
		size_t part = size - done < BLOCK - at ? size - done : BLOCK - at;

		start = address + done - at;
		if (here.live)
			log_block(start);
		block = block_at(start);
		if (block)
			memcpy(out + done, block->bytes + at, part);
		else if (page_is_there(start))
			memset(out + done, 0, part);
		else
			break;
		done += part;
	}
	return done;
}

size_t __real_memory_read_some(const struct memory *m, uint64_t address, void *out, size_t size);
void __real_memory_read_each(const struct memory *m, const uint64_t *addresses, size_t count,
			     size_t size, void *out);

size_t __wrap_memory_read_some(const struct memory *m, uint64_t address, void *out, size_t size)
{
	if (!here.sample || here.muted)
		return __real_memory_read_some(m, address, out, size);
	return answer(address, out, size);
}

bool __wrap_memory_read(const struct memory *m, uint64_t address, void *out, size_t size)
{
	return __wrap_memory_read_some(m, address, out, size) == size;
}

void __wrap_memory_read_each(const struct memory *m, const uint64_t *addresses, size_t count,
			     size_t size, void *out)
{
	if (!here.sample || here.muted) {
		__real_memory_read_each(m, addresses, count, size, out);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		uint8_t *at = (uint8_t *)out + i * size;

		if (answer(addresses[i], at, size) != size)
			memset(at, 0, size);
	}
}

int __real_pagemap_open(pid_t pid);

/* A recording says itself which pages are there. */
int __wrap_pagemap_open(pid_t pid)
{
	return !here.sample || here.muted ? __real_pagemap_open(pid) : -1;
}

void __wrap_target_pages_begin(pid_t pid)
{
	(void)pid;
}

long __wrap_target_pages_read(void *out, uint32_t size, uint64_t address)
{
	return answer(address, out, size) == size ? 0 : -1;
}

/* ---- names ---- */

static const struct recorded_name *known(enum name_kind kind, uint64_t a, uint64_t b)
{
	for (size_t i = 0; i < here.sample->name_count; i++) {
		const struct recorded_name *n = &here.sample->names[i];

		if (n->kind == kind && n->a == a && n->b == b)
			return n;
	}
	return NULL;
}

/* Logs a name that was found; `length` 0: none was. The one that is known now, or NULL. */
static const struct recorded_name *keep(enum name_kind kind, uint64_t a, uint64_t b,
					const char *name, size_t length, const char *file,
					bool approximate)
{
	char text[1024] = "";
	struct recorded_name n = {kind, a, b, approximate, text, (char *)file};

	if (length >= sizeof(text))
		length = sizeof(text) - 1;
	if (length)
		memcpy(text, name, length);
	if ((length || *file) && !known(kind, a, b))
		sample_add_name(here.sample, &n);
	return known(kind, a, b);
}

void __real_catalogue_read(struct catalogue *c, const struct memory *m, const struct layout *layout,
			   uint64_t global);
size_t __real_catalogue_lua(const struct catalogue *c, uint64_t proto, const char **name,
			    enum catalogue_rank *rank);
size_t __real_catalogue_c(const struct catalogue *c, const struct c_identity *id,
			  const char **name);
size_t __real_definition_name(pid_t pid, const struct chunk *chunk, const struct defined *f,
			      enum source_trust *trust, char *out, size_t capacity);
bool __real_definition_exists(pid_t pid, const struct chunk *chunk, const char *name,
			      size_t length);
bool __real_catalogue_knows(const struct catalogue *c, const char *name, size_t length);
bool __real_native_symbols_find(struct native_symbols *n, uint64_t address, struct symbol *out);

void __wrap_catalogue_read(struct catalogue *c, const struct memory *m, const struct layout *layout,
			   uint64_t global)
{
	if (here.sample && !here.live)
		return;
	here.muted = true;
	__real_catalogue_read(c, m, layout, global);
	here.muted = false;
}

static size_t told(const struct recorded_name *n, const char **name)
{
	if (n)
		*name = n->name;
	return n ? strlen(n->name) : 0;
}

size_t __wrap_catalogue_lua(const struct catalogue *c, uint64_t proto, const char **name,
			    enum catalogue_rank *rank)
{
	const char *found = NULL;
	size_t length;

	*rank = RANK_FIELD;
	if (here.live) {
		length = __real_catalogue_lua(c, proto, &found, rank);
		keep(NAME_LUA, proto, 0, found, length, "", false);
	}
	return told(known(NAME_LUA, proto, 0), name);
}

size_t __wrap_catalogue_c(const struct catalogue *c, const struct c_identity *id, const char **name)
{
	const char *found = NULL;
	size_t length;

	if (here.live) {
		length = __real_catalogue_c(c, id, &found);
		keep(NAME_C, id->ffid, id->function, found, length, "", false);
	}
	return told(known(NAME_C, id->ffid, id->function), name);
}

static uint64_t hash_of(const char *text, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3ULL;
	return hash;
}

/* Believes what was recorded. */
size_t __wrap_definition_name(pid_t pid, const struct chunk *chunk, const struct defined *f,
			      enum source_trust *trust, char *out, size_t capacity)
{
	uint64_t hash = hash_of(chunk->text, chunk->length);
	const struct recorded_name *n;
	size_t length;

	if (here.live) {
		length = __real_definition_name(pid, chunk, f, trust, out, capacity);
		keep(NAME_DEFINITION, hash, f->first_line, out, length, "", false);
	}
	*trust = SOURCE_SURE;
	n = known(NAME_DEFINITION, hash, f->first_line);
	length = n ? strlen(n->name) : 0;
	if (length > capacity)
		length = capacity;
	if (length)
		memcpy(out, n->name, length);
	return length;
}

bool __wrap_definition_exists(pid_t pid, const struct chunk *chunk, const char *name, size_t length)
{
	uint64_t source = hash_of(chunk->text, chunk->length), hash = hash_of(name, length);

	if (here.live && __real_definition_exists(pid, chunk, name, length))
		keep(NAME_EXISTS, source, hash, name, length, "", false);
	return known(NAME_EXISTS, source, hash) != NULL;
}

/* Modules are no source: 0 stands for all of them. */
bool __wrap_catalogue_knows(const struct catalogue *c, const char *name, size_t length)
{
	uint64_t hash = hash_of(name, length);

	if (here.live && __real_catalogue_knows(c, name, length))
		keep(NAME_EXISTS, 0, hash, name, length, "", false);
	return known(NAME_EXISTS, 0, hash) != NULL;
}

/* Where the machine of the recording keeps its files is of no interest. */
static const char *last_part(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path ? path : "";
}

bool __wrap_native_symbols_find(struct native_symbols *symbols, uint64_t address,
				struct symbol *out)
{
	const struct recorded_name *n;
	struct symbol found = {.file = ""};

	if (here.live && __real_native_symbols_find(symbols, address, &found))
		keep(NAME_SYMBOL, address, 0, found.name, found.name_length, last_part(found.file),
		     found.approximate);
	n = known(NAME_SYMBOL, address, 0);
	if (!n)
		return false;
	*out = (struct symbol){
		.name = n->name,
		/* How far off a neighbour is was not recorded: it says nothing. */
		.name_length = n->approximate ? 0 : strlen(n->name),
		.file = n->file,
		.approximate = n->approximate,
	};
	return true;
}
