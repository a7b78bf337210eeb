/* SPDX-License-Identifier: MIT */
#include "luajit/modules.h"

#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "luajit/object.h"

#define NODES_READ 128
/* More nodes are not looked at: no gateway comes near. */
#define NODES_MAX 65536
#define TEXT_FIRST 16384

/* nil and false are what `package.loaded[name] = nil` leaves. */
static bool is_loaded(const struct table_node *node)
{
	return VALUE_IS(node->key, LUA_STRING) && VALUE_TYPE(node->value) != -1 &&
	       VALUE_TYPE(node->value) != -2;
}

static bool append(struct modules *out, const char *name, uint16_t length)
{
	if (!array_reserve(out->text, out->capacity, out->size + sizeof(length) + length,
			   TEXT_FIRST))
		return false;
	memcpy(out->text + out->size, &length, sizeof(length));
	memcpy(out->text + out->size + sizeof(length), name, length);
	out->size += sizeof(length) + length;
	out->count++;
	return true;
}

/* A field of a module's table, if it is a string. */
static void read_version(const struct memory *m, const struct layout *layout, uint64_t module,
			 const char *field, char *out)
{
	uint64_t value;
	size_t length;

	if (!VALUE_IS(module, LUA_TABLE) ||
	    !table_find(m, layout, VALUE_POINTER(module), field, &value) ||
	    !VALUE_IS(value, LUA_STRING))
		return;
	length = string_read(m, layout, VALUE_POINTER(value), out, MODULE_VERSION_MAX - 1, NULL);
	out[length] = '\0';
}

static bool is(const char *name, size_t length, const char *wanted)
{
	return length == strlen(wanted) && !memcmp(name, wanted, length);
}

static void take(struct modules *out, const struct memory *m, const struct layout *layout,
		 const struct table_node *node)
{
	char name[MODULE_NAME_MAX];
	uint32_t length;
	size_t n;

	n = string_read(m, layout, VALUE_POINTER(node->key), name, sizeof(name), &length);
	if (!n || n != length || out->count == MODULES_MAX || !append(out, name, (uint16_t)n)) {
		out->left_out++;
		return;
	}
	if (is(name, n, "kong.meta"))
		read_version(m, layout, node->value, "_VERSION", out->kong_version);
	else if (is(name, n, "apisix.core.version"))
		read_version(m, layout, node->value, "VERSION", out->apisix_version);
}

/* The keys are interned strings: their addresses tell one set from another. */
static uint64_t mix(uint64_t print, uint64_t key)
{
	print = (print ^ key) * 0x9e3779b97f4a7c15ULL;
	return print ^ (print >> 29);
}

/* False where it cannot be read. `take_all`: the names too. */
static bool visit(struct modules *out, const struct memory *m, const struct layout *layout,
		  uint64_t loaded, bool take_all)
{
	struct table_node nodes[NODES_READ];
	struct table_hash hash;
	uint64_t print = 1;
	uint32_t i, k, n;

	if (!table_open(m, layout, loaded, &hash) || hash.count > NODES_MAX)
		return false;
	for (i = 0; i < hash.count; i += NODES_READ) {
		n = hash.count - i < NODES_READ ? hash.count - i : NODES_READ;
		if (!table_read(m, layout, &hash, i, n, nodes))
			return false;
		for (k = 0; k < n; k++) {
			if (!is_loaded(&nodes[k]))
				continue;
			print = mix(print, nodes[k].key);
			if (take_all)
				take(out, m, layout, &nodes[k]);
		}
	}
	out->print = print | 1;
	return true;
}

bool modules_read(struct modules *out, const struct memory *m, const struct layout *layout,
		  uint64_t global, uint64_t known)
{
	uint64_t loaded;

	memset(out, 0, sizeof(*out));
	if (!loaded_find(m, layout, global, &loaded) || !visit(out, m, layout, loaded, false) ||
	    out->print == known)
		return false;
	return visit(out, m, layout, loaded, true);
}

void modules_free(struct modules *m)
{
	free(m->text);
	m->text = NULL;
	m->capacity = 0;
}

size_t modules_next(const struct modules *m, size_t *at, const char **name)
{
	uint16_t length;

	if (*at + sizeof(length) > m->size)
		return 0;
	memcpy(&length, m->text + *at, sizeof(length));
	*name = m->text + *at + sizeof(length);
	*at += sizeof(length) + length;
	return length;
}
