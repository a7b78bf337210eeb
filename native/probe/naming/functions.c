/* SPDX-License-Identifier: MIT */
#include "naming/functions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "luajit/object.h"
#include "naming/chunk.h"

#define FUNCTIONS_MAX 16384
#define LINES_MAX 65536
#define NAME_MAX_LENGTH 256
/* A function without a name is looked at again after so long. */
#define RETRY_MS 2500
/* Position and line share a key with the function's index above them. */
#define CALLS_ARGUMENT_FLAG 0x80000000u
#define RESUMES_FLAG 0x40000000u
#define BY_SITE_FLAG 0x20000000u

struct functions {
	struct identities *identities;
	struct id_map lua;   /* prototype and print -> index of infos */
	struct id_map lines; /* index and position -> line */
	struct id_map c;     /* ffid, or function and its code -> function of the model and flags */
	struct lua_function_info *infos;
	uint32_t count, capacity;
};

struct functions *functions_new(struct identities *identities)
{
	struct functions *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->identities = identities;
	f->lua = id_map_of(FUNCTIONS_MAX);
	f->lines = id_map_of(LINES_MAX);
	f->c = id_map_of(FUNCTIONS_MAX);
	return f;
}

void functions_free(struct functions *f)
{
	if (!f)
		return;
	id_map_free(&f->lua);
	id_map_free(&f->lines);
	id_map_free(&f->c);
	free(f->infos);
	free(f);
}

/* `site` NULL: the VM is gone. */
static void name_by_chunk(struct functions *f, struct lua_vm *vm, struct lua_function_info *info,
			  const struct chunk *chunk, const struct call_site *site, uint64_t now_ms)
{
	struct identities *ids = f->identities;
	uint32_t file = model_string(ids->model, chunk->text, chunk->length);
	struct unnamed u = {vm, &info->proto, chunk, site, now_ms};
	bool provisional;

	info->phase = chunk_phase(chunk, ids->model);
	info->function = identities_function(ids, &u, file, &provisional);
	info->retry_ms = provisional ? now_ms + RETRY_MS : 0;
}

static void name_lua(struct functions *f, struct lua_vm *vm, struct lua_function_info *info,
		     const struct call_site *site, uint64_t now_ms)
{
	struct chunk chunk;

	chunk_read(&chunk, &vm->memory, &vm->layout, info->proto.chunkname);
	name_by_chunk(f, vm, info, &chunk, site, now_ms);
	chunk_free(&chunk);
}

/* A place that came with the sample is the target's: any text, any number. */
static bool name_placed(struct functions *f, struct lua_vm *vm, struct lua_function_info *info,
			uint64_t proto, uint32_t print, const struct sample_place *place)
{
	static const char cut[] = "...";
	char text[sizeof(place->chunk) + sizeof(cut)];
	struct chunk chunk = {text, 0};

	if (!place || !place->print || place->print != print)
		return false;
	chunk.length = place->length;
	if (chunk.length >= sizeof(place->chunk))
		chunk.length = sizeof(place->chunk) - 1;
	memcpy(text, place->chunk, chunk.length);
	if (chunk_is_dump(text, chunk.length))
		return false;
	if (chunk.length == sizeof(place->chunk) - 1) {
		memcpy(text + chunk.length, cut, sizeof(cut) - 1);
		chunk.length += sizeof(cut) - 1;
	}
	info->gone = info->placed = true;
	info->proto = (struct proto){.address = proto,
				     .code = proto + PROTO_SIZE,
				     .bytecodes = place->bytecodes,
				     .first_line = place->first_line,
				     .lines = place->lines,
				     .print = print};
	name_by_chunk(f, vm, info, &chunk, NULL, 0);
	return true;
}

static void name_collected(struct functions *f, struct lua_function_info *info)
{
	static const char text[] = "[collected function]";
	struct model *m = f->identities->model;

	info->gone = true;
	info->function = model_function(m, model_string(m, text, sizeof(text) - 1), 0, 0, 0);
}

/* A copy is named, since what it is called by may be among the infos. */
static void name_again(struct functions *f, struct lua_vm *vm, uint32_t index,
		       const struct call_site *site, uint64_t now_ms)
{
	struct lua_function_info info = {0}, *known = &f->infos[index];

	known->retry_ms = 0;
	if (!proto_read(&vm->memory, &vm->layout, known->proto.address, &info.proto) ||
	    info.proto.print != known->proto.print)
		return;
	name_lua(f, vm, &info, site, now_ms);
	f->infos[index] = info;
}

const struct lua_function_info *functions_lua(struct functions *f, struct lua_vm *vm,
					      uint64_t proto, uint32_t print,
					      const struct sample_place *place,
					      const struct call_site *site, uint64_t now_ms)
{
	uint64_t key = id_map_key(proto, print);
	struct lua_function_info info = {0};
	uint32_t index;
	bool emptied;

	if (id_map_get(&f->lua, key, &index)) {
		if (f->infos[index].gone && !f->infos[index].placed)
			name_placed(f, vm, &f->infos[index], proto, print, place);
		else if (f->infos[index].retry_ms && now_ms >= f->infos[index].retry_ms)
			name_again(f, vm, index, site, now_ms);
		return &f->infos[index];
	}
	/* The site may point into the array that is about to move: name before growing. */
	if (proto_read(&vm->memory, &vm->layout, proto, &info.proto) && info.proto.print == print)
		name_lua(f, vm, &info, site, now_ms);
	else if (!name_placed(f, vm, &info, proto, print, place))
		name_collected(f, &info);
	if (f->count < FUNCTIONS_MAX) {
		if (!array_reserve(f->infos, f->capacity, f->count + 1, 128))
			return NULL;
	} else {
		id_map_clear(&f->lua);
		id_map_clear(&f->lines);
		f->count = 0;
	}
	if (!id_map_put(&f->lua, key, f->count, &emptied))
		return NULL;
	f->infos[f->count] = info;
	return &f->infos[f->count++];
}

uint32_t functions_line(struct functions *f, struct lua_vm *vm,
			const struct lua_function_info *function, uint32_t position)
{
	struct id_map *known = &f->identities->lines;
	uint64_t key, same = id_map_key(function->function, position);
	uint32_t line = 0;

	if (position == NO_POSITION)
		return 0;
	/* Another of the same function may have been looked at while its VM was there. */
	if (function->gone)
		return function->placed && id_map_get(known, same, &line) ? line : 0;
	key = id_map_key((uint64_t)(function - f->infos) + 1, position);
	if (id_map_get(&f->lines, key, &line))
		return line;
	line = proto_line(&vm->memory, &function->proto, position);
	id_map_put(&f->lines, key, line, NULL);
	id_map_put(known, same, line, NULL);
	return line;
}

static bool is_one_of(const char *name, size_t length, const char *a, const char *b)
{
	return (length == strlen(a) && !memcmp(name, a, length)) ||
	       (length == strlen(b) && !memcmp(name, b, length));
}

static struct c_function name_c(struct functions *f, struct lua_vm *vm,
				struct native_symbols *symbols, const struct c_identity *id,
				const struct call_site *site, uint64_t now_ms)
{
	static const char library[] = "coroutine.";
	struct model *m = f->identities->model;
	struct c_function c = {.may_resume = true};
	struct symbol symbol = {.file = ""};
	char text[NAME_MAX_LENGTH];
	const char *name;
	size_t length;
	uint32_t file = 0;

	if (id->ffid == 1 && native_symbols_find(symbols, id->address, &symbol) && *symbol.file)
		file = model_string(m, symbol.file, strlen(symbol.file));
	length = catalogue_c(vm->catalogue, id, &name);
	if (!length) {
		lua_read_catalogue(vm, now_ms);
		length = catalogue_c(vm->catalogue, id, &name);
	}
	/* A function with a name in another library does not resume; one without a name may be
	 * coroutine.wrap's. */
	if (length)
		c.may_resume =
			length > sizeof(library) && !memcmp(name, library, sizeof(library) - 1);
	if (!length && symbol.name_length && !symbol.approximate) {
		name = symbol.name;
		length = symbol.name_length;
	}
	if (!length) {
		name = text;
		length = lua_site_name(vm, site, text, sizeof(text));
		c.by_site = id->ffid > 1;
	}
	if (!length) {
		name = text;
		length = snprintf(text, sizeof(text),
				  id->ffid == 1		     ? "[C function]"
				  : id->ffid == FFID_UNKNOWN ? "[built-in]"
							     : "[built-in %u]",
				  id->ffid);
	}
	c.calls_argument = id->ffid > 1 && is_one_of(name, length, "pcall", "xpcall");
	/* Of one file there may be several without a name. */
	c.function = model_code(m, model_string(m, name, length), file, 0, 0,
				name == text && id->ffid == 1 ? (uint32_t)symbol.begins : 0);
	return c;
}

static struct c_function unpack(uint32_t value)
{
	return (struct c_function){
		.function = value & ~(CALLS_ARGUMENT_FLAG | RESUMES_FLAG | BY_SITE_FLAG),
		.calls_argument = value & CALLS_ARGUMENT_FLAG,
		.may_resume = value & RESUMES_FLAG,
		.by_site = value & BY_SITE_FLAG,
	};
}

struct c_function functions_c(struct functions *f, struct lua_vm *vm,
			      struct native_symbols *symbols, const struct c_identity *id,
			      const struct call_site *site, uint64_t now_ms)
{
	uint64_t key = id_map_key(id->ffid, 0), here = 0;
	struct c_function c;
	uint32_t value;

	if (id->ffid == 1)
		key = id_map_key(id->function, id->address);
	if (id_map_get(&f->c, key, &value)) {
		c = unpack(value);
		if (!c.by_site)
			return c;
	}
	/* One built-in calls all C functions of the FFI: each place has its own name for it. */
	if (site->proto && site->position != NO_POSITION)
		here = id_map_key(key ^ site->proto->print,
				  site->proto->address + 4ULL * site->position);
	if (here && id_map_get(&f->c, here, &value))
		return unpack(value);
	c = name_c(f, vm, symbols, id, site, now_ms);
	value = c.function | (c.calls_argument ? CALLS_ARGUMENT_FLAG : 0) |
		(c.may_resume ? RESUMES_FLAG : 0) | (c.by_site ? BY_SITE_FLAG : 0);
	id_map_put(&f->c, key, value, NULL);
	if (c.by_site && here)
		id_map_put(&f->c, here, value, NULL);
	return c;
}
