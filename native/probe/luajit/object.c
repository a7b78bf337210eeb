/* SPDX-License-Identifier: MIT */
#include "luajit/object.h"

#include <string.h>

#define NODES_MAX (1u << 20)
#define NODES_READ 128

size_t string_read(const struct memory *m, const struct layout *layout, uint64_t address, char *out,
		   size_t capacity, uint32_t *length)
{
	uint8_t head[STRING_DATA];
	uint32_t size;

	if (length)
		*length = 0;
	if (!memory_read(m, address, head, sizeof(head)) || head[9] != LUA_STRING)
		return 0;
	memcpy(&size, head + layout->string_length, 4);
	if (size > 0x7fffff00)
		return 0;
	if (length)
		*length = size;
	return memory_read_some(m, address + STRING_DATA, out, size < capacity ? size : capacity);
}

bool table_open(const struct memory *m, uint64_t table, struct table_hash *out)
{
	uint8_t head[0x40];
	uint32_t mask;

	if (!memory_read(m, table, head, sizeof(head)) || head[9] != LUA_TABLE)
		return false;
	memcpy(&out->nodes, head + 0x28, 8);
	memcpy(&mask, head + 0x34, 4);
	out->count = mask && mask < NODES_MAX ? mask + 1 : 0;
	return true;
}

bool table_find(const struct memory *m, const struct layout *layout, uint64_t table,
		const char *key, uint64_t *value)
{
	struct table_node nodes[NODES_READ];
	struct table_hash hash;
	size_t length = strlen(key), n, k;
	char text[64];
	uint32_t i, real;

	if (!table_open(m, table, &hash) || length >= sizeof(text))
		return false;
	for (i = 0; i < hash.count; i += NODES_READ) {
		n = hash.count - i < NODES_READ ? hash.count - i : NODES_READ;
		if (!memory_read(m, hash.nodes + (uint64_t)i * sizeof(*nodes), nodes,
				 n * sizeof(*nodes)))
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
