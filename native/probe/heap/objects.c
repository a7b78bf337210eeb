/* SPDX-License-Identifier: MIT */
#include "heap/objects.h"

#include <stdlib.h>
#include <string.h>

#define HEAD 16 /* the smallest object: next, mark, type */
#define STRING_BUCKETS_MAX (1u << 27)
#define THREAD_OPEN_UPVALUES 0x40

/* 0: no object, or one that was listed already. Else its type. */
static int list(struct objects *o, uint64_t address, uint64_t *next)
{
	size_t at = image_offset(o->image, address, HEAD);
	uint64_t bit;
	int type;

	if (at == NOWHERE || at % 8)
		return 0;
	type = o->image->bytes[at + 9];
	bit = 1ULL << (at / 8 % 64);
	if (type < LUA_STRING || type >= GC_TYPES || (o->listed[at / 512] & bit))
		return 0;
	o->listed[at / 512] |= bit;
	*next = u64_at(o->image->bytes, at);
	return type;
}

/* Upvalues that are still variables of a thread are listed by it alone. */
static void list_upvalues(struct objects *o, uint64_t thread)
{
	const uint8_t *head = image_at(o->image, thread, 0x60);
	uint64_t at = head ? u64_at(head, THREAD_OPEN_UPVALUES) : 0;

	while (at && list(o, at, &at) == UPVALUE)
		;
}

static void list_chain(struct objects *o, uint64_t address)
{
	uint64_t next = 0;
	int type;

	for (; (type = list(o, address, &next)); address = next)
		if (type == LUA_THREAD)
			list_upvalues(o, address);
}

static void list_strings(struct objects *o, const struct heap_vm *vm)
{
	const uint8_t *head = image_at(o->image, vm->global, 0x100), *bucket;
	uint64_t table;
	uint32_t mask, i;

	if (!head)
		return;
	table = u64_at(head, vm->gc.string_table);
	mask = u32_at(head, vm->gc.string_mask);
	for (i = 0; i <= mask && i < STRING_BUCKETS_MAX; i++) {
		bucket = image_at(o->image, table + i * 8ULL, 8);
		if (!bucket)
			return;
		/* The lowest bit says how the bucket is hashed. */
		list_chain(o, u64_at(bucket, 0) & ~1ULL);
	}
}

static void list_all(struct objects *o, const struct heap_vm *vm)
{
	const uint8_t *global = image_at(o->image, vm->global, 0x100);

	if (!global)
		return;
	list_strings(o, vm);
	list_chain(o, u64_at(global, vm->gc.root));
	list_chain(o, u64_at(global, vm->gc.to_finalize));
	/* Last: userdata hang behind it, and the list above ends with it. */
	list_chain(o, vm->main_thread);
}

static bool number(struct objects *o)
{
	size_t i;

	for (i = 0; i < o->words; i++) {
		o->before[i] = (uint32_t)o->count;
		o->count += (size_t)__builtin_popcountll(o->listed[i]);
	}
	o->numbers = calloc(o->count + 1, sizeof(*o->numbers));
	o->named = calloc(o->count / 64 + 1, sizeof(*o->named));
	return o->count < NO_OBJECT && o->numbers && o->named;
}

bool objects_open(struct objects *o, struct image *image, const struct heap_vm *vms, size_t count)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	o->image = image;
	o->words = image->size / 512 + 1;
	o->listed = calloc(o->words, sizeof(*o->listed));
	o->before = malloc(o->words * sizeof(*o->before));
	if (!o->listed || !o->before)
		return false;
	for (i = 0; i < count; i++)
		list_all(o, &vms[i]);
	return number(o);
}

void objects_close(struct objects *o)
{
	free(o->listed);
	free(o->before);
	free(o->numbers);
	free(o->named);
	memset(o, 0, sizeof(*o));
}

static uint32_t place_at(const struct objects *o, size_t at)
{
	uint64_t word;

	if (at == NOWHERE || at % 8)
		return NO_OBJECT;
	word = o->listed[at / 512];
	if (!(word >> (at / 8 % 64) & 1))
		return NO_OBJECT;
	word &= (1ULL << (at / 8 % 64)) - 1;
	return o->before[at / 512] + (uint32_t)__builtin_popcountll(word);
}

uint32_t objects_place(const struct objects *o, uint64_t address)
{
	return place_at(o, image_offset(o->image, address, HEAD));
}

const uint8_t *objects_head(const struct objects *o, uint64_t address, int type, size_t size)
{
	size_t at = image_offset(o->image, address, size);

	if (place_at(o, at) == NO_OBJECT || o->image->bytes[at + 9] != type)
		return NULL;
	return o->image->bytes + at;
}
