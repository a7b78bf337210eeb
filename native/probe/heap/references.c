/* SPDX-License-Identifier: MIT */
#include "heap/references.h"

#include <stdlib.h>
#include <string.h>

#include "heap/buffers.h"
#include "heap/coroutine.h"
#include "host/array.h"

#define SLOTS_MAX (1u << 27)
#define NODE_SIZE 24
#define STACK_START 16
#define REF_CONSTANTS_END 0x8000
enum { WEAK_KEYS = 1, WEAK_VALUES = 2, CDATA_FINALIZER = 0x10 };

void put_reference(struct walk *w, uint64_t address)
{
	uint32_t place = objects_place(w->objects, address), *number;

	if (place == NO_OBJECT) {
		stream_put(w->out, 0);
		return;
	}
	number = &w->objects->numbers[place];
	if (*number) {
		stream_put(w->out, w->given - *number + 2);
		return;
	}
	w->queue[w->given++] = address;
	*number = (uint32_t)w->given;
	stream_put(w->out, 1);
}

/* The object that a value is; 0: it is none. */
static uint64_t object_of(const struct walk *w, uint64_t value)
{
	int type = ~VALUE_TYPE(value);
	uint64_t address = VALUE_POINTER(value);

	if (type < LUA_STRING || type >= GC_TYPES || !objects_head(w->objects, address, type, 16))
		return 0;
	return address;
}

/* In a list, where 0 would be its end. */
static void put_listed(struct walk *w, uint64_t address)
{
	if (address && objects_place(w->objects, address) != NO_OBJECT)
		put_reference(w, address);
}

static void put_values(struct walk *w, const uint8_t *values, size_t count)
{
	size_t i;

	for (i = 0; values && i < count; i++)
		put_listed(w, object_of(w, u64_at(values, i * 8)));
	stream_put(w->out, 0);
}

/* Without memory its text is missing, and that is all. */
static void note_late(struct walk *w, uint32_t number)
{
	if (!array_reserve(w->late, w->late_capacity, w->late_count + 1, 256))
		return;
	w->late[w->late_count++] = number;
}

static void give_name(struct walk *w, uint64_t string)
{
	uint32_t place = objects_place(w->objects, string), number;
	uint64_t *word, bit;

	if (place == NO_OBJECT)
		return;
	word = &w->objects->named[place / 64];
	bit = 1ULL << (place % 64);
	number = w->objects->numbers[place];
	if (!(*word & bit) && number && number <= w->done)
		note_late(w, number);
	*word |= bit;
}

struct hash {
	const uint8_t *nodes; /* NULL: none */
	uint32_t count;
};

static struct hash hash_of(const struct walk *w, const uint8_t *table)
{
	uint32_t mask = u32_at(table, 0x34);
	struct hash hash = {NULL, 0};

	if (!mask || mask >= SLOTS_MAX)
		return hash;
	hash.nodes = image_at(w->objects->image, u64_at(table, 0x28), (mask + 1ULL) * NODE_SIZE);
	hash.count = hash.nodes ? mask + 1 : 0;
	return hash;
}

static bool string_is(const struct walk *w, uint64_t value, const char *text)
{
	size_t length = strlen(text);
	const uint8_t *string = VALUE_IS(value, LUA_STRING)
					? image_at(w->objects->image, VALUE_POINTER(value),
						   STRING_DATA + length + 1)
					: NULL;

	return string && u32_at(string, w->vm->layout.string_length) == length &&
	       !memcmp(string + STRING_DATA, text, length);
}

/* Reads __mode of a table's metatable. */
static int weakness(const struct walk *w, uint64_t metatable)
{
	const uint8_t *head = objects_head(w->objects, metatable, LUA_TABLE, 0x40);
	struct hash hash = head ? hash_of(w, head) : (struct hash){NULL, 0};
	uint64_t mode = 0;
	uint32_t i;

	for (i = 0; i < hash.count && !mode; i++)
		if (string_is(w, u64_at(hash.nodes, i * NODE_SIZE + 8), "__mode"))
			mode = u64_at(hash.nodes, i * NODE_SIZE);
	if (string_is(w, mode, "k"))
		return WEAK_KEYS;
	if (string_is(w, mode, "v"))
		return WEAK_VALUES;
	return string_is(w, mode, "kv") || string_is(w, mode, "vk") ? WEAK_KEYS | WEAK_VALUES : 0;
}

/* References of one slot that are no named value; with `named`, only that. */
static void put_node(struct walk *w, const uint8_t *node, int weak, bool named)
{
	uint64_t key = weak & WEAK_KEYS ? 0 : object_of(w, u64_at(node, 8));
	uint64_t value = weak & WEAK_VALUES ? 0 : object_of(w, u64_at(node, 0));
	bool pair = key && value && VALUE_IS(u64_at(node, 8), LUA_STRING);

	if (pair != named)
		return;
	if (pair)
		give_name(w, key);
	put_listed(w, key);
	put_listed(w, value);
}

static void put_table(struct walk *w, const uint8_t *head)
{
	uint64_t metatable = u64_at(head, 0x20);
	uint32_t slots = u32_at(head, 0x30), used = 0, used_nodes = 0, i;
	const uint8_t *array = NULL;
	struct hash hash = hash_of(w, head);
	int weak = weakness(w, metatable);

	if (slots && slots < SLOTS_MAX)
		array = image_at(w->objects->image, u64_at(head, 0x10), slots * 8ULL);
	for (i = 0; array && i < slots; i++)
		used += VALUE_TYPE(u64_at(array, i * 8ULL)) != -1;
	for (i = 0; i < hash.count; i++)
		used_nodes += VALUE_TYPE(u64_at(hash.nodes, i * (size_t)NODE_SIZE)) != -1;
	stream_put(w->out, (uint64_t)weak);
	stream_put(w->out, slots);
	stream_put(w->out, hash.count);
	put_reference(w, metatable);
	put_values(w, weak & WEAK_VALUES ? NULL : array, slots);
	for (i = 0; i < hash.count * 2; i++) {
		const uint8_t *node = hash.nodes + (size_t)(i % hash.count) * NODE_SIZE;

		if (i == hash.count)
			stream_put(w->out, 0);
		if (VALUE_TYPE(u64_at(node, 0)) != -1)
			put_node(w, node, weak, i < hash.count);
	}
	if (!hash.count)
		stream_put(w->out, 0);
	stream_put(w->out, 0);
	stream_put(w->out, used);
	stream_put(w->out, used_nodes);
}

static void put_function(struct walk *w, uint64_t address, const uint8_t *head)
{
	size_t count = head[0x0b], i;
	const uint8_t *upvalues;

	stream_put(w->out, head[0x0a]);
	put_reference(w, u64_at(head, 0x10));
	if (!head[0x0a])
		put_reference(w, u64_at(head, 0x20) - PROTO_SIZE);
	upvalues = image_at(w->objects->image, address + (head[0x0a] ? 0x30 : 0x28), count * 8);
	stream_put(w->out, upvalues ? count : 0);
	for (i = 0; upvalues && i < count; i++) {
		if (head[0x0a])
			put_reference(w, object_of(w, u64_at(upvalues, i * 8)));
		else
			put_reference(w, u64_at(upvalues, i * 8));
	}
}

static void put_upvalue_names(struct walk *w, uint64_t address, const uint8_t *head)
{
	uint64_t at = u64_at(head, 0x58), end = address + u32_at(head, 0x38);
	const char *names = NULL;
	size_t left, length;
	int i;

	if (at > address && at < end)
		names = (const char *)image_at(w->objects->image, at, end - at);
	left = names ? end - at : 0;
	stream_put(w->out, head[0x3c]);
	for (i = 0; i < head[0x3c]; i++) {
		length = strnlen(names ? names : "", left);
		stream_put(w->out, length < 64 ? length : 0);
		if (length < 64)
			stream_put_bytes(w->out, names, length);
		if (length < left) {
			names += length + 1;
			left -= length + 1;
		} else {
			left = 0;
		}
	}
}

static uint64_t trace_of(const struct walk *w, uint32_t number)
{
	const uint8_t *entry = number && number < w->trace_count
				       ? image_at(w->objects->image, w->traces + number * 8ULL, 8)
				       : NULL;

	return entry ? u64_at(entry, 0) : 0;
}

static void put_proto(struct walk *w, uint64_t address, const uint8_t *head)
{
	uint32_t count = u32_at(head, 0x30), i;
	const uint8_t *constants = NULL;

	stream_put(w->out, u32_at(head, 0x48));
	stream_put(w->out, u32_at(head, 0x4c));
	give_name(w, u64_at(head, 0x40));
	put_reference(w, u64_at(head, 0x40));
	put_reference(w, trace_of(w, u16_at(head, 0x3e)));
	put_upvalue_names(w, address, head);
	if (count < SLOTS_MAX)
		constants = image_at(w->objects->image, u64_at(head, 0x20) - count * 8ULL,
				     count * 8ULL);
	for (i = 0; constants && i < count; i++) {
		/* Fields are named by constants, which are often met here first. */
		if (objects_head(w->objects, u64_at(constants, i * 8), LUA_STRING, STRING_DATA))
			give_name(w, u64_at(constants, i * 8));
		put_listed(w, u64_at(constants, i * 8));
	}
	stream_put(w->out, 0);
}

static void put_trace(struct walk *w, const uint8_t *head)
{
	static const uint8_t links[] = {0x6a, 0x6e, 0x70};
	uint64_t first = u32_at(head, 0x28), i;
	const uint8_t *constants = NULL;

	put_listed(w, u64_at(head, 0x40));
	for (i = 0; i < sizeof(links); i++)
		put_listed(w, trace_of(w, u16_at(head, links[i])));
	if (first < REF_CONSTANTS_END)
		constants = image_at(w->objects->image, u64_at(head, 0x20) + first * 8,
				     (REF_CONSTANTS_END - first) * 8);
	/* A constant's object stands in the slot behind it; what else is there is none. */
	for (i = 0; constants && i < REF_CONSTANTS_END - first; i++)
		put_listed(w, u64_at(constants, i * 8));
	stream_put(w->out, 0);
}

static void put_thread(struct walk *w, const uint8_t *head)
{
	uint64_t stack = u64_at(head, 0x38) + STACK_START, top = u64_at(head, 0x28),
		 functions[COROUTINE_FUNCTIONS];
	const uint8_t *slots = NULL;
	size_t count, i;

	if (top > stack && (top - stack) / 8 <= u32_at(head, 0x58))
		slots = image_at(w->objects->image, stack, top - stack);
	put_reference(w, u64_at(head, STATE_ENV));
	put_values(w, slots, slots ? (top - stack) / 8 : 0);
	count = coroutine_functions(w->objects, head, functions);
	for (i = 0; i < count; i++)
		if (objects_head(w->objects, functions[i], LUA_FUNCTION, 16))
			put_listed(w, functions[i]);
	stream_put(w->out, 0);
}

static void put_userdata(struct walk *w, uint64_t address, const uint8_t *head)
{
	struct string_buffer buffer;

	stream_put(w->out, head[0x0a]);
	put_reference(w, u64_at(head, 0x20));
	put_reference(w, u64_at(head, 0x10));
	if (string_buffer_of(w->objects, address, head, &buffer))
		for (size_t i = 0; i < 3; i++)
			put_listed(w, buffer.references[i]);
	stream_put(w->out, 0);
}

static void put_upvalue(struct walk *w, const uint8_t *head)
{
	put_reference(w, head[0x0a] ? object_of(w, u64_at(head, 0x10)) : 0);
}

void put_references(struct walk *w, uint64_t address, int type)
{
	/* An object that ends where the copy ends is followed by nothing that matters. */
	static const uint8_t zero[0x80];
	const uint8_t *head = image_at(w->objects->image, address, type == CDATA ? 16 : 0x30);

	if (type == LUA_PROTO || type == LUA_TRACE || type == LUA_THREAD || type == LUA_TABLE)
		head = image_at(w->objects->image, address, type == LUA_TABLE ? 0x40 : 0x78);
	if (!head)
		head = zero;
	switch (type) {
	case UPVALUE:
		put_upvalue(w, head);
		break;
	case LUA_THREAD:
		put_thread(w, head);
		break;
	case LUA_PROTO:
		put_proto(w, address, head);
		break;
	case LUA_FUNCTION:
		put_function(w, address, head);
		break;
	case LUA_TRACE:
		put_trace(w, head);
		break;
	case CDATA:
		stream_put(w->out, u16_at(head, 0x0a));
		stream_put(w->out, head[8] & CDATA_FINALIZER ? 1 : 0);
		break;
	case LUA_TABLE:
		put_table(w, head);
		break;
	case USERDATA:
		put_userdata(w, address, head);
		break;
	}
}
