/* SPDX-License-Identifier: MIT */
#include "luajit/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "luajit/object.h"

#define TABLES_MAX 8192
#define ENTRIES_MAX 65536 /* a power of two; at most three quarters are used */
#define TEXT_MAX (1u << 20)
#define NODES_READ 64
#define KEY_MAX 64
#define PREFIX_MAX 48
#define MODULE_DEPTH 2
#define NAMES_EACH 8
#define CLOSURES_MAX 65536
#define SEARCHED_MAX 1024
/* Of a table's array part only so much is looked at: lists of handlers are short. */
#define ARRAY_READ 32
/* Built-ins are keyed by number, far from any address. */
#define BUILTIN_KEY (1ULL << 63)

struct entry {
	uint64_t key;
	uint32_t name; /* offset of a struct name */
};

/* In the text; further names of the same function follow in a list, the best one first. */
struct name {
	uint32_t next; /* offset; 0: the last */
	uint8_t rank, length;
	char text[];
};

struct catalogue {
	struct entry *entries;
	uint32_t capacity, count;
	char *text; /* of names, one behind the other; none is at 0 */
	uint32_t text_size, text_capacity;
	struct catalogue_closure *closures;
	uint32_t closure_count, closure_capacity;
	uint64_t searched[SEARCHED_MAX];
	uint32_t searched_count;
};

struct table_visit {
	uint64_t table;
	uint32_t depth;
	char prefix[PREFIX_MAX]; /* "" for the globals, else "string." */
};

struct walk_of_modules {
	struct catalogue *catalogue;
	const struct memory *memory;
	const struct layout *layout;
	struct table_visit *queue;
	size_t queued;
};

/* A string's head and the start of its text in one read. */
struct key_text {
	uint8_t bytes[STRING_DATA + KEY_MAX];
};

struct catalogue *catalogue_new(void)
{
	return calloc(1, sizeof(struct catalogue));
}

void catalogue_free(struct catalogue *c)
{
	if (!c)
		return;
	free(c->entries);
	free(c->text);
	free(c->closures);
	free(c);
}

static struct entry *place(const struct catalogue *c, uint64_t key)
{
	uint32_t i = (uint32_t)((key * 0x9e3779b97f4a7c15ULL) >> 40);

	for (i &= c->capacity - 1; c->entries[i].key && c->entries[i].key != key;)
		i = (i + 1) & (c->capacity - 1);
	return &c->entries[i];
}

static bool grow(struct catalogue *c)
{
	struct catalogue bigger = *c;
	uint32_t i;

	bigger.capacity = c->capacity ? c->capacity * 2 : 1024;
	if (bigger.capacity > ENTRIES_MAX)
		return false;
	bigger.entries = calloc(bigger.capacity, sizeof(*bigger.entries));
	if (!bigger.entries)
		return false;
	for (i = 0; i < c->capacity; i++)
		if (c->entries[i].key)
			*place(&bigger, c->entries[i].key) = c->entries[i];
	free(c->entries);
	*c = bigger;
	return true;
}

static struct name *name_at(const struct catalogue *c, uint32_t offset)
{
	return (struct name *)(c->text + offset);
}

/* Offset of a new name, 0 where there is no room. */
static uint32_t add_name(struct catalogue *c, uint8_t rank, const char *prefix, const char *name,
			 size_t name_length)
{
	size_t prefix_length = strlen(prefix), length = prefix_length + name_length;
	size_t size = (sizeof(struct name) + length + 3) & ~(size_t)3;
	uint32_t at = c->text_size ? c->text_size : sizeof(struct name);
	struct name *n;

	if (length > 255 || !length || at + size > TEXT_MAX ||
	    !array_reserve(c->text, c->text_capacity, at + size, 16384))
		return 0;
	n = name_at(c, at);
	*n = (struct name){.rank = rank, .length = (uint8_t)length};
	memcpy(n->text, prefix, prefix_length);
	memcpy(n->text + prefix_length, name, name_length);
	c->text_size = at + size;
	return at;
}

static struct entry *entry_for(struct catalogue *c, uint64_t key)
{
	if (!key || (c->count * 4 >= c->capacity * 3 && !grow(c)))
		return NULL;
	return place(c, key);
}

static void set_first(struct catalogue *c, struct entry *e, uint64_t key, uint32_t name)
{
	c->count += !e->key;
	e->key = key;
	e->name = name;
}

/* The first name that a C function is met under stays. */
static void enter(struct catalogue *c, uint64_t key, const char *prefix, const char *name,
		  size_t name_length)
{
	struct entry *e = entry_for(c, key);
	uint32_t at;

	if (!e || e->key)
		return;
	at = add_name(c, 0, prefix, name, name_length);
	if (at)
		set_first(c, e, key, at);
}

static bool is_better(const struct name *n, const struct name *than)
{
	if (n->rank != than->rank)
		return n->rank < than->rank;
	if (n->length != than->length)
		return n->length < than->length;
	return memcmp(n->text, than->text, n->length) < 0;
}

void catalogue_enter_lua(struct catalogue *c, uint64_t proto, enum catalogue_rank rank,
			 const char *name, size_t length)
{
	struct entry *e = entry_for(c, proto);
	struct name *known;
	uint32_t at, i, count = 0;

	if (!e)
		return;
	for (i = e->key ? e->name : 0; i; i = known->next) {
		known = name_at(c, i);
		if (++count == NAMES_EACH ||
		    (known->length == length && !memcmp(known->text, name, length)))
			return;
	}
	at = add_name(c, rank, "", name, length);
	if (!at)
		return;
	if (!e->key || is_better(name_at(c, at), name_at(c, e->name))) {
		name_at(c, at)->next = e->key ? e->name : 0;
		set_first(c, e, proto, at);
	} else {
		name_at(c, at)->next = name_at(c, e->name)->next;
		name_at(c, e->name)->next = at;
	}
}

static void keep_closure(struct catalogue *c, uint64_t function, uint64_t proto)
{
	if (c->closure_count == CLOSURES_MAX ||
	    !array_reserve(c->closures, c->closure_capacity, c->closure_count + 1, 1024))
		return;
	c->closures[c->closure_count++] = (struct catalogue_closure){function, proto};
}

static void queue(struct walk_of_modules *w, uint64_t table, uint32_t depth, const char *prefix,
		  const char *name, size_t length)
{
	size_t prefix_length = strlen(prefix);
	struct table_visit *v;
	size_t i;

	if (w->queued == TABLES_MAX || prefix_length + length + 2 > PREFIX_MAX)
		return;
	/* Modules refer to each other; the ones met last are the likeliest to come again. */
	for (i = w->queued; i > 0 && i + 64 > w->queued; i--)
		if (w->queue[i - 1].table == table)
			return;
	v = &w->queue[w->queued++];
	v->table = table;
	v->depth = depth;
	memcpy(v->prefix, prefix, prefix_length);
	memcpy(v->prefix + prefix_length, name, length);
	memcpy(v->prefix + prefix_length + length, ".", length ? 2 : 1);
	if (!length)
		v->prefix[prefix_length] = '\0';
}

static void enter_function(struct walk_of_modules *w, const struct table_visit *v,
			   uint64_t function, const struct function_head *f, const char *name,
			   size_t length)
{
	if (f->gct != LUA_FUNCTION)
		return;
	if (!f->ffid) {
		uint64_t proto = f->pc - layout_proto_size(w->layout);

		catalogue_enter_lua(w->catalogue, proto, RANK_FIELD + v->depth, name, length);
		keep_closure(w->catalogue, function, proto);
	} else if (f->ffid == 1) {
		enter(w->catalogue, function, v->prefix, name, length);
		enter(w->catalogue, f->c, v->prefix, name, length);
	} else
		enter(w->catalogue, BUILTIN_KEY | f->ffid, v->prefix, name, length);
}

static void visit_nodes(struct walk_of_modules *w, const struct table_visit *v,
			const struct table_node *nodes, size_t count)
{
	uint64_t keys[NODES_READ], values[NODES_READ], functions[NODES_READ];
	static uint8_t heads[NODES_READ][FUNCTION_READ];
	static struct key_text texts[NODES_READ];
	struct function_head head;
	size_t i, n = 0;
	const char *text;
	uint32_t length;

	for (i = 0; i < count; i++) {
		if (!VALUE_IS(nodes[i].key, LUA_STRING) ||
		    (!VALUE_IS(nodes[i].value, LUA_TABLE) &&
		     !VALUE_IS(nodes[i].value, LUA_FUNCTION)))
			continue;
		keys[n] = VALUE_POINTER(nodes[i].key);
		values[n] = nodes[i].value;
		/* Where the value is a table this reads what is not used. */
		functions[n++] = VALUE_POINTER(nodes[i].value);
	}
	memory_read_each(w->memory, keys, n, sizeof(*texts), texts);
	memory_read_each(w->memory, functions, n, sizeof(*heads), heads);
	for (i = 0; i < n; i++) {
		memcpy(&length, texts[i].bytes + w->layout->string_length, 4);
		if (texts[i].bytes[layout_type(w->layout)] != LUA_STRING || length >= KEY_MAX)
			continue;
		text = (const char *)texts[i].bytes + layout_string_data(w->layout);
		if (VALUE_IS(values[i], LUA_FUNCTION)) {
			function_parse(w->layout, heads[i], &head);
			enter_function(w, v, VALUE_POINTER(values[i]), &head, text, length);
		} else if (v->depth < MODULE_DEPTH) {
			queue(w, VALUE_POINTER(values[i]), v->depth + 1, v->prefix, text, length);
		}
	}
}

/* A list of functions: each is known by the list's name and its place, as "steps.3". */
static void visit_array(struct walk_of_modules *w, const struct table_visit *v,
			const struct table_hash *table)
{
	uint64_t values[ARRAY_READ];
	uint32_t count = table->array_count < ARRAY_READ ? table->array_count : ARRAY_READ;
	struct function_head head;
	char name[PREFIX_MAX + 12];
	const char *last;
	int length;

	if (!count || !*v->prefix || !memory_read(w->memory, table->array, values, count * 8ULL))
		return;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t value = object_value(w->layout, values[i]);

		if (!VALUE_IS(value, LUA_FUNCTION) ||
		    !function_read(w->memory, w->layout, VALUE_POINTER(value), &head) || head.ffid)
			continue;
		last = memrchr(v->prefix, '.', strlen(v->prefix) - 1);
		length = snprintf(name, sizeof(name), "%s%u", last ? last + 1 : v->prefix, i);
		enter_function(w, v, VALUE_POINTER(value), &head, name, (size_t)length);
	}
}

static void visit(struct walk_of_modules *w, const struct table_visit *v)
{
	struct table_node nodes[NODES_READ];
	struct table_hash hash;
	size_t n;
	uint32_t i;

	if (!table_open(w->memory, w->layout, v->table, &hash))
		return;
	visit_array(w, v, &hash);
	if (hash.metatable && v->depth < MODULE_DEPTH)
		queue(w, hash.metatable, v->depth + 1, v->prefix, "", 0);
	for (i = 0; i < hash.count; i += NODES_READ) {
		n = hash.count - i < NODES_READ ? hash.count - i : NODES_READ;
		if (!table_read(w->memory, w->layout, &hash, i, n, nodes))
			return;
		visit_nodes(w, v, nodes, n);
	}
}

void catalogue_read(struct catalogue *c, const struct memory *m, const struct layout *layout,
		    uint64_t global)
{
	struct walk_of_modules w = {.catalogue = c, .memory = m, .layout = layout};
	uint64_t loaded, globals;
	struct table_visit v;
	size_t i;

	if (!loaded_find(m, layout, global, &loaded))
		return;
	w.queue = calloc(TABLES_MAX, sizeof(*w.queue));
	if (!w.queue)
		return;
	c->count = c->text_size = c->closure_count = c->searched_count = 0;
	if (c->entries)
		memset(c->entries, 0, c->capacity * sizeof(*c->entries));
	/* The globals first: `pairs` is better known as that than as _G.pairs. */
	if (table_find(m, layout, loaded, "_G", &globals))
		queue(&w, VALUE_POINTER(globals), 0, "", "", 0);
	queue(&w, loaded, 0, "", "", 0);
	for (i = 0; i < w.queued; i++) {
		v = w.queue[i];
		visit(&w, &v);
	}
	free(w.queue);
}

static const struct name *look_up(const struct catalogue *c, uint64_t key)
{
	const struct entry *e;

	if (!c->capacity)
		return NULL;
	e = place(c, key);
	return e->key ? name_at(c, e->name) : NULL;
}

size_t catalogue_lua(const struct catalogue *c, uint64_t proto, const char **name,
		     enum catalogue_rank *rank)
{
	const struct name *n = look_up(c, proto);

	if (!n)
		return 0;
	*name = n->text;
	*rank = n->rank;
	return n->length;
}

size_t catalogue_names(const struct catalogue *c, uint64_t proto, uint32_t *at, const char **name)
{
	const struct name *n = *at ? name_at(c, *at) : look_up(c, proto);

	if (*at)
		n = n->next ? name_at(c, n->next) : NULL;
	if (!n)
		return 0;
	*at = (uint32_t)((const char *)n - c->text);
	*name = n->text;
	return n->length;
}

const struct catalogue_closure *catalogue_closures(const struct catalogue *c, size_t *count)
{
	*count = c->closure_count;
	return c->closures;
}

bool catalogue_searched(struct catalogue *c, uint64_t key)
{
	for (uint32_t i = 0; i < c->searched_count; i++)
		if (c->searched[i] == key)
			return true;
	/* More chunks than that are not searched before the next read. */
	if (c->searched_count == SEARCHED_MAX)
		return true;
	c->searched[c->searched_count++] = key;
	return false;
}

bool catalogue_knows(const struct catalogue *c, const char *name, size_t length)
{
	const struct name *n;
	const char *last;
	uint32_t i;

	for (i = 0; i < c->capacity; i++) {
		if (!c->entries[i].key)
			continue;
		for (n = name_at(c, c->entries[i].name);; n = name_at(c, n->next)) {
			last = n->text + (n->length - length);
			if (n->length >= length && !memcmp(last, name, length) &&
			    (n->length == length || last[-1] == '.'))
				return true;
			if (!n->next)
				break;
		}
	}
	return false;
}

size_t catalogue_c(const struct catalogue *c, const struct c_identity *id, const char **name)
{
	const struct name *n;

	if (id->ffid != 1) {
		n = look_up(c, BUILTIN_KEY | id->ffid);
	} else {
		/* Closures that share their code, as those of a wrapper in C, have names of their
		 * own. */
		n = look_up(c, id->function);
		n = n ? n : look_up(c, id->address);
	}
	if (!n)
		return 0;
	*name = n->text;
	return n->length;
}
