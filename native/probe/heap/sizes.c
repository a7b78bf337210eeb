/* SPDX-License-Identifier: MIT */
#include "heap/sizes.h"

#include <string.h>

#include "heap/buffers.h"

#define CTYPE_SIZE 24
#define CTYPES_MAX 65536
#define CTYPE_LINKS_MAX 16
enum { CT_ENUM = 5, CT_TYPEDEF = 7, CT_ATTRIBUTE = 8 };
#define TRACE_HEAD 0x78

const uint8_t *ctype_raw(const struct objects *o, const struct heap_vm *vm, uint32_t id)
{
	const uint8_t *state = vm->types ? image_at(o->image, vm->types, 16) : NULL, *type;
	int i;

	for (i = 0; state && i < CTYPE_LINKS_MAX && id < CTYPES_MAX; i++) {
		if (id >= u32_at(state, 8))
			return NULL;
		type = image_at(o->image, u64_at(state, 0) + (uint64_t)id * CTYPE_SIZE, CTYPE_SIZE);
		if (!type)
			return NULL;
		if (u32_at(type, 0) >> 28 != CT_ATTRIBUTE && u32_at(type, 0) >> 28 != CT_TYPEDEF)
			return type;
		id = u32_at(type, 0) & 0xffff;
	}
	return NULL;
}

static uint64_t string_size(const struct heap_vm *vm, const uint8_t *head)
{
	uint64_t length = u32_at(head, vm->layout.string_length);

	/* Rounded up since 2020, when the string table moved as well. */
	return STRING_DATA + (vm->gc.string_table ? (length + 4) & ~3ULL : length + 1);
}

static uint64_t table_size(const uint8_t *head)
{
	uint64_t array = u32_at(head, 0x30), mask = u32_at(head, 0x34);
	int8_t inside = (int8_t)head[0x0b];

	return 0x40 + (inside ? (inside & 0x7f) * 8ULL : 0) + (inside <= 0 ? array * 8 : 0) +
	       (mask ? (mask + 1) * 24 : 0);
}

static uint64_t cdata_size(const struct objects *o, const struct heap_vm *vm, uint64_t address,
			   const uint8_t *head)
{
	const uint8_t *more, *type;

	if (head[8] & 0x80) {
		more = image_at(o->image, address - 8, 8);
		return more ? (uint64_t)u32_at(more, 4) + u16_at(more, 2) : 0;
	}
	type = ctype_raw(o, vm, u16_at(head, 0x0a));
	return 16 + (type && u32_at(type, 0) >> 28 <= CT_ENUM ? u32_at(type, 4) : 8);
}

static uint64_t userdata_size(const struct objects *o, uint64_t address, const uint8_t *head)
{
	struct string_buffer buffer = {0};

	string_buffer_of(o, address, head, &buffer);
	return 0x30 + (uint64_t)u32_at(head, 0x18) + buffer.bytes;
}

static uint64_t trace_size(const uint8_t *head)
{
	uint64_t instructions = u32_at(head, 0x0c), constants = u32_at(head, 0x28);

	return constants > instructions
		       ? 0
		       : TRACE_HEAD + (instructions - constants) * 8 + u16_at(head, 0x0a) * 12ULL +
				 u32_at(head, 0x2c) * 4ULL;
}

uint64_t object_size(const struct objects *o, const struct heap_vm *vm, uint64_t address, int type)
{
	static const uint8_t heads[GC_TYPES] = {
		[LUA_STRING] = 0x18, [UPVALUE] = 0x30,	    [LUA_THREAD] = 0x60,
		[LUA_PROTO] = 0x68,  [LUA_FUNCTION] = 0x28, [LUA_TRACE] = 0x78,
		[CDATA] = 0x10,	     [LUA_TABLE] = 0x40,    [USERDATA] = 0x30,
	};
	const uint8_t *head = objects_head(o, address, type, heads[type]);
	uint64_t size = 0;

	if (!head)
		return 0;
	switch (type) {
	case LUA_STRING:
		size = string_size(vm, head);
		break;
	case UPVALUE:
		size = 0x30;
		break;
	case LUA_THREAD:
		size = vm->layout.state_size + u32_at(head, 0x58) * 8ULL;
		break;
	case LUA_PROTO:
		size = u32_at(head, 0x38);
		break;
	case LUA_FUNCTION:
		size = (head[0x0a] ? 0x30 : 0x28) + head[0x0b] * 8ULL;
		break;
	case LUA_TRACE:
		size = trace_size(head);
		break;
	case CDATA:
		size = cdata_size(o, vm, address, head);
		break;
	case LUA_TABLE:
		size = table_size(head);
		break;
	case USERDATA:
		size = userdata_size(o, address, head);
		break;
	}
	/* All of it would be in the copy. */
	return size <= o->image->size ? size : 0;
}
