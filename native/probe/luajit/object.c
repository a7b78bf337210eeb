/* SPDX-License-Identifier: MIT */
#include "luajit/object.h"

#include <string.h>

#define NODES_MAX (1u << 20)
#define NODES_READ 128
/* In builds without GC64 the upper half of a value is its type, or part of a number. */
#define TYPES_32 0xfffffff0u

size_t string_read(const struct memory *m, const struct layout *layout, uint64_t address, char *out,
		   size_t capacity, uint32_t *length)
{
	uint8_t head[STRING_DATA];
	uint32_t size;

	if (length)
		*length = 0;
	if (!memory_read(m, address, head, sizeof(head)) || head[layout_type(layout)] != LUA_STRING)
		return 0;
	memcpy(&size, head + layout->string_length, 4);
	if (size > 0x7fffff00)
		return 0;
	if (length)
		*length = size;
	return memory_read_some(m, address + layout_string_data(layout), out,
				size < capacity ? size : capacity);
}

uint64_t object_value(const struct layout *layout, uint64_t raw)
{
	uint32_t type = raw >> 32;

	if (!layout->gc32)
		return raw;
	return type < TYPES_32 ? 0 : (uint64_t)(int32_t)type << 47 | (uint32_t)raw;
}

bool table_open(const struct memory *m, const struct layout *layout, uint64_t table,
		struct table_hash *out)
{
	uint8_t head[0x40];
	uint32_t mask;

	if (!memory_read(m, table, head, layout->gc32 ? 0x20 : 0x40) ||
	    head[layout_type(layout)] != LUA_TABLE)
		return false;
	*out = (struct table_hash){0};
	memcpy(&out->array, head + (layout->gc32 ? 0x08 : 0x10), layout_reference(layout));
	memcpy(&out->metatable, head + (layout->gc32 ? 0x10 : 0x20), layout_reference(layout));
	memcpy(&out->array_count, head + (layout->gc32 ? 0x18 : 0x30), 4);
	memcpy(&out->nodes, head + (layout->gc32 ? 0x14 : 0x28), layout_reference(layout));
	memcpy(&mask, head + (layout->gc32 ? 0x1c : 0x34), 4);
	out->count = mask && mask < NODES_MAX ? mask + 1 : 0;
	return true;
}

bool table_read(const struct memory *m, const struct layout *layout, const struct table_hash *hash,
		uint32_t first, size_t count, struct table_node *out)
{
	size_t i;

	if (!memory_read(m, hash->nodes + first * sizeof(*out), out, count * sizeof(*out)))
		return false;
	for (i = 0; i < count; i++) {
		out[i].key = object_value(layout, out[i].key);
		out[i].value = object_value(layout, out[i].value);
	}
	return true;
}

void function_parse(const struct layout *layout, const uint8_t *raw, struct function_head *out)
{
	memset(out, 0, sizeof(*out));
	out->gct = raw[layout_type(layout)];
	out->ffid = raw[layout_type(layout) + 1];
	memcpy(&out->pc, raw + (layout->gc32 ? 0x10 : 0x20), layout_reference(layout));
	memcpy(&out->c, raw + (layout->gc32 ? 0x18 : 0x28), sizeof(out->c));
}

bool function_read(const struct memory *m, const struct layout *layout, uint64_t function,
		   struct function_head *out)
{
	uint8_t raw[FUNCTION_READ];

	if (!memory_read(m, function, raw, layout->gc32 ? 0x20 : FUNCTION_READ))
		return false;
	function_parse(layout, raw, out);
	return out->gct == LUA_FUNCTION;
}

bool table_find(const struct memory *m, const struct layout *layout, uint64_t table,
		const char *key, uint64_t *value)
{
	struct table_node nodes[NODES_READ];
	struct table_hash hash;
	size_t length = strlen(key), n, k;
	char text[64];
	uint32_t i, real;

	if (!table_open(m, layout, table, &hash) || length >= sizeof(text))
		return false;
	for (i = 0; i < hash.count; i += NODES_READ) {
		n = hash.count - i < NODES_READ ? hash.count - i : NODES_READ;
		if (!table_read(m, layout, &hash, i, n, nodes))
			return false;
		for (k = 0; k < n; k++) {
			if (!VALUE_IS(nodes[k].key, LUA_STRING))
				continue;
			if (string_read(m, layout, VALUE_POINTER(nodes[k].key), text, sizeof(text),
					&real) == length &&
			    real == length && !memcmp(text, key, length)) {
				*value = nodes[k].value;
				return true;
			}
		}
	}
	return false;
}

bool loaded_find(const struct memory *m, const struct layout *layout, uint64_t global,
		 uint64_t *table)
{
	uint64_t registry, loaded;

	if (!layout->registry || !memory_u64(m, global + layout->registry, &registry) ||
	    !table_find(m, layout, VALUE_POINTER(object_value(layout, registry)), "_LOADED",
			&loaded) ||
	    !VALUE_IS(loaded, LUA_TABLE))
		return false;
	*table = VALUE_POINTER(loaded);
	return true;
}
