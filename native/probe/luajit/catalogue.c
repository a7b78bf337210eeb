/* SPDX-License-Identifier: MIT */
#include "luajit/catalogue.h"

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
/* Built-ins are keyed by number, far from any address. */
#define BUILTIN_KEY (1ULL << 63)

struct entry {
	uint64_t key;
	uint32_t text; /* offset of a length byte and the name */
};

struct catalogue {
	struct entry *entries;
	uint32_t capacity, count;
	char *text;
	uint32_t text_size, text_capacity;
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

/* The first name that a function is met under stays. */
static void enter(struct catalogue *c, uint64_t key, const char *prefix, const char *name,
		  size_t name_length)
{
	size_t prefix_length = strlen(prefix), length = prefix_length + name_length;
	struct entry *e;

	if (length > 255 || !key || (c->count * 4 >= c->capacity * 3 && !grow(c)))
		return;
	e = place(c, key);
	if (e->key)
		return;
	if (c->text_size + length + 1 > TEXT_MAX ||
	    !array_reserve(c->text, c->text_capacity, c->text_size + length + 1, 16384))
		return;
	e->key = key;
	e->text = c->text_size;
	c->count++;
	c->text[c->text_size] = (char)length;
	memcpy(c->text + c->text_size + 1, prefix, prefix_length);
	memcpy(c->text + c->text_size + 1 + prefix_length, name, name_length);
	c->text_size += length + 1;
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
	if (!f->ffid)
		enter(w->catalogue, f->pc - layout_proto_size(w->layout), "", name, length);
	else if (f->ffid == 1) {
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

static void visit(struct walk_of_modules *w, const struct table_visit *v)
{
	struct table_node nodes[NODES_READ];
	struct table_hash hash;
	size_t n;
	uint32_t i;

	if (!table_open(w->memory, w->layout, v->table, &hash))
		return;
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
	c->count = c->text_size = 0;
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

static size_t look_up(const struct catalogue *c, uint64_t key, const char **name)
{
	const struct entry *e;

	if (!c->capacity)
		return 0;
	e = place(c, key);
	if (!e->key)
		return 0;
	*name = c->text + e->text + 1;
	return (uint8_t)c->text[e->text];
}

size_t catalogue_lua(const struct catalogue *c, uint64_t proto, const char **name)
{
	return look_up(c, proto, name);
}

bool catalogue_knows(const struct catalogue *c, const char *name, size_t length)
{
	const char *text, *last;
	uint32_t i, size;

	for (i = 0; i < c->capacity; i++) {
		if (!c->entries[i].key)
			continue;
		text = c->text + c->entries[i].text + 1;
		size = (uint8_t)text[-1];
		if (size < length)
			continue;
		last = text + (size - length);
		if (!memcmp(last, name, length) && (size == length || last[-1] == '.'))
			return true;
	}
	return false;
}

size_t catalogue_c(const struct catalogue *c, const struct c_identity *id, const char **name)
{
	size_t length;

	if (id->ffid != 1)
		return look_up(c, BUILTIN_KEY | id->ffid, name);
	/* Closures that share their code, as those of a wrapper in C, have names of their own. */
	length = look_up(c, id->function, name);
	return length ? length : look_up(c, id->address, name);
}
