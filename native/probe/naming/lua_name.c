/* SPDX-License-Identifier: MIT */
#include "naming/lua_name.h"

#include <stdio.h>
#include <string.h>

#include "luajit/bytecode.h"
#include "luajit/catalogue.h"
#include "luajit/digest.h"
#include "luajit/holders.h"
#include "naming/definition.h"

#define CALLED_MAX_LENGTH 64
/* Names of modules are read again at most this often, for functions that were loaded since. */
#define CATALOGUE_EVERY_MS 30000
/* Sooner at first for what has neither a line nor a name: a worker that has just begun loads its
 * modules one by one. */
#define CATALOGUE_SOON_MS 2000
#define CATALOGUE_SOON_TIMES 6

static void read_catalogue(struct lua_vm *vm, uint64_t now_ms, uint64_t every_ms)
{
	if (vm->catalogue_read_ms && now_ms - vm->catalogue_read_ms < every_ms)
		return;
	vm->catalogue_read_ms = now_ms;
	vm->catalogue_reads++;
	catalogue_read(vm->catalogue, &vm->memory, &vm->layout, vm->global);
}

void lua_read_catalogue(struct lua_vm *vm, uint64_t now_ms)
{
	read_catalogue(vm, now_ms, CATALOGUE_EVERY_MS);
}

size_t lua_site_name(struct lua_vm *vm, const struct call_site *site, char *out, size_t capacity)
{
	if (!site->proto || site->position == NO_POSITION)
		return 0;
	return bytecode_called_name(&vm->memory, &vm->layout, site->proto, site->position,
				    site->argument, out, capacity);
}

static void set(struct lua_name *out, const char *text, size_t length, bool own)
{
	if (length > sizeof(out->text))
		length = sizeof(out->text);
	memmove(out->text, text, length);
	out->length = length;
	out->own = own;
}

/* ---- its own name ------------------------------------------------------------------------------
 */

/* The caller made the function that it calls, and stores it under a name. */
static bool by_maker(const struct unnamed *u, struct lua_name *out)
{
	const struct proto *maker = u->site ? u->site->proto : NULL;
	uint32_t index;

	if (!maker || maker->chunkname != u->proto->chunkname)
		return false;
	out->length = bytecode_child_name(&u->vm->memory, &u->vm->layout, maker, u->proto->address,
					  &index, out->text, sizeof(out->text));
	out->own = true;
	return out->length > 0;
}

/* Finds what modules and others call it; `also`: a name for which it is enough to be among them. */
static size_t held_as(const struct unnamed *u, const char *also, size_t also_length,
		      const char **name, enum catalogue_rank *rank)
{
	const struct proto *p = u->proto;
	struct lua_vm *vm = u->vm;
	uint32_t at = 0;
	size_t length;

	length = catalogue_lua(vm->catalogue, p->address, name, rank);
	if (!length)
		read_catalogue(vm, u->now_ms,
			       lua_is_stripped(p) && vm->catalogue_reads < CATALOGUE_SOON_TIMES
				       ? CATALOGUE_SOON_MS
				       : CATALOGUE_EVERY_MS);
	length = catalogue_lua(vm->catalogue, p->address, name, rank);
	if (!length || also_length)
		holders_search(vm->catalogue, &vm->memory, &vm->layout, vm->global, p, false);
	length = catalogue_lua(vm->catalogue, p->address, name, rank);
	if (lua_is_stripped(p) && (!length || *rank == RANK_NUMBERED))
		holders_search(vm->catalogue, &vm->memory, &vm->layout, vm->global, p, true);
	while (also_length && (length = catalogue_names(vm->catalogue, p->address, &at, name)))
		if (length == also_length && !memcmp(*name, also, length))
			return length;
	return catalogue_lua(vm->catalogue, p->address, name, rank);
}

/* By the line of the source that defines it, unless the VM itself says otherwise. */
static bool by_source(const struct unnamed *u, struct lua_name *out)
{
	const struct proto *p = u->proto;
	struct defined at = {p->first_line, p->first_line + p->lines, -1};
	enum catalogue_rank rank;
	enum source_trust trust;
	const char *name;
	size_t length;

	/* Of a VM that is gone the sample says no more than where the function stands. */
	if (u->site)
		at.parameters = p->parameters;
	out->length = definition_name(u->vm->memory.pid, u->chunk, &at, &trust, out->text,
				      sizeof(out->text));
	out->own = true;
	if (!out->length || trust == SOURCE_SURE || !u->site)
		return out->length > 0;
	length = held_as(u, out->text, out->length, &name, &rank);
	if (length)
		set(out, name, length, true);
	return true;
}

static bool by_holders(const struct unnamed *u, struct lua_name *out)
{
	enum catalogue_rank rank;
	const char *name;
	size_t length = held_as(u, NULL, 0, &name, &rank);
	int written;

	if (!length)
		return false;
	if (rank != RANK_NUMBERED) {
		set(out, name, length, true);
		return true;
	}
	written = chunk_numbered(u->chunk, name, length, out->text, sizeof(out->text));
	set(out, out->text, (size_t)written, true);
	return true;
}

/* Nobody names it: by its code, which is the same in all workers. */
static void by_code(const struct unnamed *u, struct lua_name *out)
{
	char number[12] = "?";
	int length = 1;

	if (u->site)
		length = snprintf(number, sizeof(number), "%04x",
				  proto_digest(&u->vm->memory, &u->vm->layout, u->proto) & 0xffff);

	set(out, out->text,
	    chunk_numbered(u->chunk, number, (size_t)length, out->text, sizeof(out->text)), false);
	out->provisional = true;
}

/* The chunk of such a one is its name, without the library that it is of. */
static void by_library(const struct unnamed *u, struct lua_name *out)
{
	const char *library = "table.", *text = u->chunk->text;
	size_t length = u->chunk->length;
	int written;

	if (length == 3 && (!memcmp(text, "deg", 3) || !memcmp(text, "rad", 3)))
		library = "math.";
	if (length == 3 && !memcmp(text, "len", 3))
		library = "string.";
	if (length > 64)
		length = 64;
	written = snprintf(out->text, sizeof(out->text), "%s%.*s", library, (int)length, text);
	set(out, out->text, (size_t)written, true);
}

/* ---- a caller's word for it --------------------------------------------------------------------
 */

/*
 * After a tail call the caller's instruction names the function that made it, which is known as
 * such by its definition or by a module.
 */
static bool names_another(const struct unnamed *u, const char *name, size_t length)
{
	struct lua_vm *vm = u->vm;
	struct chunk caller;
	bool other;

	if (catalogue_knows(vm->catalogue, name, length) ||
	    definition_exists(vm->memory.pid, u->chunk, name, length))
		return true;
	chunk_read(&caller, &vm->memory, &vm->layout, u->site->proto->chunkname);
	other = definition_exists(vm->memory.pid, &caller, name, length);
	chunk_free(&caller);
	return other;
}

/* "callback util.lua:42": a caller's word for it, which may be all callers' word for anything. */
static void by_caller(const struct unnamed *u, struct lua_name *out)
{
	char called[CALLED_MAX_LENGTH + 1];
	size_t length = 0;

	if (u->site)
		length = lua_site_name(u->vm, u->site, called, CALLED_MAX_LENGTH);
	if (length && names_another(u, called, length))
		length = 0;
	called[length] = '\0';
	out->length = chunk_place_name(u->chunk, u->proto->first_line, called, out->text,
				       sizeof(out->text));
	out->own = false;
}

void lua_name_of(const struct unnamed *u, struct lua_name *out)
{
	const struct proto *p = u->proto;

	out->length = 0;
	out->provisional = false;
	if (lua_is_builtin(p))
		by_library(u, out);
	else if (!p->first_line && !lua_is_stripped(p))
		set(out, out->text, chunk_main_name(u->chunk, out->text, sizeof(out->text)), true);
	else if (by_maker(u, out) || by_source(u, out) || (u->site && by_holders(u, out)))
		return;
	else if (lua_is_stripped(p))
		by_code(u, out);
	else
		by_caller(u, out);
}
