/* SPDX-License-Identifier: MIT */
#include "luajit/holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "luajit/bytecode.h"
#include "luajit/object.h"

#define HELD_MAX 4096 /* functions of one chunk */
#define DEEP_TABLES 8192
#define DEEP_LEVELS 6
#define VISITED_SLOTS 32768
#define UPVALUES_MAX 60
#define UPVALUES_READ 32768
#define NODES_READ 64
#define TABLE_NODES 512
#define REGISTRY_NODES 16384
#define REGISTRY_TABLES 256
#define ARRAY_READ 1024
#define CONSTANTS_MAX 1024
#define BATCH 256
#define NAME_CAPACITY 64
#define PATH_CAPACITY 48
/* Keys of catalogue_searched(). */
#define EVERYWHERE_FLAG 1

/* A function of the chunk; `function` 0: no closure of it is known. */
struct held {
	uint64_t function, proto;
	char path[PATH_CAPACITY]; /* how it is known; "": not at all, as a main chunk */
};

struct search {
	struct catalogue *catalogue;
	const struct memory *memory;
	const struct layout *layout;
	uint64_t chunkname;
	struct held *queue;
	size_t queued;
	uint64_t visited[VISITED_SLOTS]; /* prototypes */
	uint32_t upvalues_read, tables;
};

/* ---- which functions are of the chunk ----------------------------------------------------------
 */

static bool visit_once(struct search *s, uint64_t proto)
{
	uint32_t i = (uint32_t)((proto * 0x9e3779b97f4a7c15ULL) >> 40) % VISITED_SLOTS;

	while (s->visited[i] && s->visited[i] != proto)
		i = (i + 1) % VISITED_SLOTS;
	if (s->visited[i] == proto)
		return false;
	s->visited[i] = proto;
	return true;
}

static void enqueue(struct search *s, uint64_t function, uint64_t proto, const char *path,
		    size_t length)
{
	struct held *h;

	if (s->queued == HELD_MAX || !visit_once(s, proto))
		return;
	h = &s->queue[s->queued++];
	*h = (struct held){.function = function, .proto = proto};
	memcpy(h->path, path, length < PATH_CAPACITY ? length : PATH_CAPACITY - 1);
}

static bool is_of_chunk(const struct search *s, uint64_t proto)
{
	uint64_t at = proto + (s->layout->gc32 ? 0x28 : PROTO_CHUNKNAME), chunkname;

	return layout_follow(s->layout, s->memory, at, &chunkname) && chunkname == s->chunkname;
}

/* Prototype of a Lua function of the chunk; 0: the value is none. */
static uint64_t proto_in_chunk(const struct search *s, uint64_t value)
{
	struct function_head head;
	uint64_t proto;

	if (!VALUE_IS(value, LUA_FUNCTION) ||
	    !function_read(s->memory, s->layout, VALUE_POINTER(value), &head) || head.ffid)
		return 0;
	proto = head.pc - layout_proto_size(s->layout);
	return is_of_chunk(s, proto) ? proto : 0;
}

static void take(struct search *s, uint64_t value, enum catalogue_rank rank, const char *name,
		 size_t length)
{
	uint64_t proto = proto_in_chunk(s, value);

	if (!proto)
		return;
	if (length)
		catalogue_enter_lua(s->catalogue, proto, rank, name, length);
	enqueue(s, VALUE_POINTER(value), proto, name, length);
}

/* ---- where to begin ----------------------------------------------------------------------------
 */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct held *)a)->path, ((const struct held *)b)->path);
}

/* In order of names, so that it goes the same way in each worker. */
static void begin_with_modules(struct search *s)
{
	uint64_t at[BATCH], chunknames[BATCH] = {0};
	uint32_t width = layout_reference(s->layout);
	const struct catalogue_closure *closures;
	enum catalogue_rank rank;
	size_t count, i, k, n, length;
	const char *name;

	closures = catalogue_closures(s->catalogue, &count);
	for (i = 0; i < count; i += n) {
		n = count - i < BATCH ? count - i : BATCH;
		for (k = 0; k < n; k++)
			at[k] = closures[i + k].proto + (s->layout->gc32 ? 0x28 : PROTO_CHUNKNAME);
		memory_read_each(s->memory, at, n, width, chunknames);
		for (k = 0; k < n; k++) {
			uint64_t chunkname = 0;

			memcpy(&chunkname, (char *)chunknames + k * width, width);
			if (chunkname != s->chunkname)
				continue;
			length = catalogue_lua(s->catalogue, closures[i + k].proto, &name, &rank);
			enqueue(s, closures[i + k].function, closures[i + k].proto, name, length);
		}
	}
	qsort(s->queue, s->queued, sizeof(*s->queue), by_path);
}

static void visit_values(struct search *s, const uint64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		take(s, object_value(s->layout, values[i]), RANK_HELD, "", 0);
}

static void visit_registry_table(struct search *s, uint64_t table, bool tables_too)
{
	struct table_node nodes[NODES_READ];
	static uint64_t values[ARRAY_READ];
	struct table_hash hash;
	uint32_t i, k, n;

	if (!table_open(s->memory, s->layout, table, &hash))
		return;
	for (i = 0; i < hash.array_count && i < 4 * ARRAY_READ; i += n) {
		n = hash.array_count - i < ARRAY_READ ? hash.array_count - i : ARRAY_READ;
		if (!memory_read(s->memory, hash.array + i * 8ULL, values, n * 8ULL))
			break;
		visit_values(s, values, n);
	}
	for (i = 0; i < hash.count && i < REGISTRY_NODES; i += n) {
		n = hash.count - i < NODES_READ ? hash.count - i : NODES_READ;
		if (!table_read(s->memory, s->layout, &hash, i, n, nodes))
			return;
		for (k = 0; k < n; k++) {
			take(s, nodes[k].value, RANK_HELD, "", 0);
			if (tables_too && VALUE_IS(nodes[k].value, LUA_TABLE) &&
			    s->tables++ < REGISTRY_TABLES)
				visit_registry_table(s, VALUE_POINTER(nodes[k].value), false);
		}
	}
}

struct deep_table {
	uint64_t table;
	uint32_t level;
};

static void queue_table(struct search *s, struct deep_table *tables, size_t *count, uint64_t table,
			uint32_t level)
{
	if (table && *count < DEEP_TABLES && visit_once(s, table))
		tables[(*count)++] = (struct deep_table){table, level};
}

/* Functions of the chunk that are fields; `tables` (may be NULL) gets the fields that are tables.
 */
static void visit_fields(struct search *s, struct deep_table *tables, size_t *count,
			 struct deep_table from)
{
	struct table_node nodes[NODES_READ];
	char name[NAME_CAPACITY];
	struct table_hash hash;
	uint32_t i, k, n, real, rank = tables ? RANK_FIELD + from.level : RANK_HELD;
	size_t length;

	if (!table_open(s->memory, s->layout, from.table, &hash) ||
	    (from.level && hash.count > TABLE_NODES))
		return;
	if (tables && from.level < DEEP_LEVELS)
		queue_table(s, tables, count, hash.metatable, from.level + 1);
	for (i = 0; i < hash.count; i += NODES_READ) {
		n = hash.count - i < NODES_READ ? hash.count - i : NODES_READ;
		if (!table_read(s->memory, s->layout, &hash, i, n, nodes))
			return;
		for (k = 0; k < n; k++) {
			if (tables && from.level < DEEP_LEVELS &&
			    VALUE_IS(nodes[k].value, LUA_TABLE))
				queue_table(s, tables, count, VALUE_POINTER(nodes[k].value),
					    from.level + 1);
			if (!VALUE_IS(nodes[k].value, LUA_FUNCTION) ||
			    !VALUE_IS(nodes[k].key, LUA_STRING))
				continue;
			length = string_read(s->memory, s->layout, VALUE_POINTER(nodes[k].key),
					     name, sizeof(name), &real);
			if (length == real)
				take(s, nodes[k].value, rank, name, length);
		}
	}
}

/* Fields of tables of modules, further in than the catalogue goes. */
static void begin_with_tables(struct search *s, uint64_t global)
{
	struct deep_table *tables = malloc(DEEP_TABLES * sizeof(*tables));
	uint64_t loaded;
	size_t count = 0;

	if (tables && loaded_find(s->memory, s->layout, global, &loaded))
		queue_table(s, tables, &count, loaded, 0);
	for (size_t i = 0; i < count; i++)
		visit_fields(s, tables, &count, tables[i]);
	free(tables);
}

/* Blocks of nginx.conf are kept in tables of the registry. */
static void begin_with_registry(struct search *s, uint64_t global)
{
	uint64_t registry;

	if (s->layout->registry && memory_u64(s->memory, global + s->layout->registry, &registry))
		visit_registry_table(s, VALUE_POINTER(object_value(s->layout, registry)), true);
}

/* ---- what they hold ----------------------------------------------------------------------------
 */

static size_t numbered(const char *path, uint32_t number, char *out)
{
	int length = snprintf(out, NAME_CAPACITY, *path ? "%s.%u" : "%s%u", path, number);

	return (size_t)length < NAME_CAPACITY ? (size_t)length : NAME_CAPACITY - 1;
}

/* The value of an upvalue, in the shape of GC64 builds; 0: it cannot be read. */
static uint64_t upvalue_value(const struct search *s, uint64_t upvalue)
{
	uint64_t at, value;

	if (!layout_follow(s->layout, s->memory, upvalue + (s->layout->gc32 ? 0x10 : 0x20), &at) ||
	    !memory_u64(s->memory, at, &value))
		return 0;
	return object_value(s->layout, value);
}

static void visit_upvalues(struct search *s, const struct held *h, const struct proto *p)
{
	uint32_t width = layout_reference(s->layout), at = s->layout->gc32 ? 0x14 : 0x28;
	uint32_t count = p->upvalue_count < UPVALUES_MAX ? p->upvalue_count : UPVALUES_MAX;
	uint8_t references[UPVALUES_MAX * 8];
	char name[NAME_CAPACITY];
	uint64_t upvalue, value;
	enum catalogue_rank rank;
	size_t length;

	if (!count || !memory_read(s->memory, h->function + at, references, (size_t)count * width))
		return;
	for (uint32_t i = 0; i < count && s->upvalues_read++ < UPVALUES_READ; i++) {
		upvalue = 0;
		memcpy(&upvalue, references + (size_t)i * width, width);
		value = upvalue_value(s, upvalue);
		if (VALUE_IS(value, LUA_TABLE) && is_of_chunk(s, p->address))
			visit_fields(s, NULL, NULL, (struct deep_table){VALUE_POINTER(value), 1});
		if (!VALUE_IS(value, LUA_FUNCTION))
			continue;
		rank = RANK_HELD;
		length = bytecode_upvalue_name(s->memory, p, i, name, sizeof(name));
		if (!length) {
			rank = RANK_NUMBERED;
			length = numbered(h->path, i + 1, name);
		}
		take(s, value, rank, name, length);
	}
}

/* Functions that it makes: of these there need not be a closure now. */
static void visit_children(struct search *s, const struct held *h, const struct proto *p)
{
	uint32_t width = layout_reference(s->layout), count = p->gc_constants, index;
	uint32_t type_at = layout_type(s->layout);
	uint64_t child;
	char name[NAME_CAPACITY];
	enum catalogue_rank rank;
	size_t length;
	uint8_t type;

	if (count > CONSTANTS_MAX)
		count = CONSTANTS_MAX;
	for (uint32_t i = 0; i < count; i++) {
		if (!layout_follow(s->layout, s->memory, p->constants - width * (uint64_t)(i + 1),
				   &child) ||
		    !memory_read(s->memory, child + type_at, &type, 1) || type != LUA_PROTO)
			continue;
		rank = RANK_DEFINED;
		length = bytecode_child_name(s->memory, s->layout, p, child, &index, name,
					     sizeof(name));
		if (!length) {
			rank = RANK_NUMBERED;
			length = numbered(h->path, p->upvalue_count + i + 1, name);
		}
		/* Its line says more than a number. */
		if (rank == RANK_DEFINED || !p->line_info)
			catalogue_enter_lua(s->catalogue, child, rank, name, length);
		enqueue(s, 0, child, name, length);
	}
}

/* Functions of other chunks are asked for no more than whether they hold one of this. */
static void visit_others(struct search *s)
{
	const struct catalogue_closure *closures;
	struct held other = {0};
	struct proto p;
	enum catalogue_rank rank;
	size_t count, length;
	const char *name;

	closures = catalogue_closures(s->catalogue, &count);
	for (size_t i = 0; i < count && s->upvalues_read < UPVALUES_READ; i++) {
		other.function = closures[i].function;
		length = catalogue_lua(s->catalogue, closures[i].proto, &name, &rank);
		if (length >= PATH_CAPACITY)
			length = PATH_CAPACITY - 1;
		memcpy(other.path, name, length);
		other.path[length] = '\0';
		if (proto_read(s->memory, s->layout, closures[i].proto, &p) && p.upvalue_count &&
		    p.chunkname != s->chunkname)
			visit_upvalues(s, &other, &p);
	}
}

void holders_search(struct catalogue *c, const struct memory *m, const struct layout *layout,
		    uint64_t global, const struct proto *p, bool everywhere)
{
	uint64_t key = p->chunkname | (everywhere ? EVERYWHERE_FLAG : 0);
	struct search *s;
	struct proto proto;

	if (catalogue_searched(c, key))
		return;
	s = calloc(1, sizeof(*s));
	if (!s)
		return;
	*s = (struct search){.catalogue = c,
			     .memory = m,
			     .layout = layout,
			     .chunkname = p->chunkname,
			     .queue = malloc(HELD_MAX * sizeof(*s->queue))};
	if (s->queue) {
		begin_with_modules(s);
		begin_with_registry(s, global);
		if (everywhere) {
			begin_with_tables(s, global);
			visit_others(s);
		}
		for (size_t i = 0; i < s->queued; i++) {
			if (!proto_read(m, layout, s->queue[i].proto, &proto))
				continue;
			if (s->queue[i].function)
				visit_upvalues(s, &s->queue[i], &proto);
			visit_children(s, &s->queue[i], &proto);
		}
	}
	free(s->queue);
	free(s);
}
