/* SPDX-License-Identifier: MIT */
#include "model/dictionary.h"

#include <stdlib.h>
#include <string.h>

static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
	const unsigned char *p = bytes;
	uint64_t hash = seed ^ fold(length + 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93);
	uint64_t a, b;

	while (length > 16) {
		memcpy(&a, p, 8);
		memcpy(&b, p + 8, 8);
		hash = fold(a ^ 0xa0761d6478bd642f, b ^ hash);
		p += 16;
		length -= 16;
	}
	a = 0;
	b = 0;
	if (length)
		memcpy(&a, p, length > 8 ? 8 : length);
	if (length > 8)
		memcpy(&b, p + 8, length - 8);
	hash = fold(a ^ 0xe7037ed1a0b428db, b ^ hash);
	return fold(hash ^ seed, 0x8ebc6af09c88c6e3);
}

void dictionary_init(struct dictionary *d, uint32_t entry_size, uint32_t maximum, uint64_t seed)
{
	memset(d, 0, sizeof(*d));
	d->entry_size = entry_size;
	d->maximum = maximum;
	d->seed = seed;
}

void dictionary_free(struct dictionary *d)
{
	free(d->entries);
	free(d->slots);
	d->entries = NULL;
	d->slots = NULL;
}

void dictionary_clear(struct dictionary *d)
{
	d->count = 0;
	if (d->slots)
		memset(d->slots, 0, (size_t)d->slot_count * sizeof(*d->slots));
}

static unsigned char *entry_at(const struct dictionary *d, uint32_t id)
{
	return d->entries + (size_t)(id - 1) * d->entry_size;
}

/* The slot that holds an equal entry, or the free one where it belongs. */
static uint32_t slot_of(const struct dictionary *d, const void *entry)
{
	uint32_t mask = d->slot_count - 1;
	uint32_t slot = (uint32_t)hash_bytes(entry, d->entry_size, d->seed) & mask;

	while (d->slots[slot] && memcmp(entry_at(d, d->slots[slot]), entry, d->entry_size))
		slot = (slot + 1) & mask;
	return slot;
}

static bool grow_slots(struct dictionary *d)
{
	uint32_t slot_count = d->slot_count ? d->slot_count * 2 : 64;
	uint32_t *slots = calloc(slot_count, sizeof(*slots));

	if (!slots)
		return false;
	free(d->slots);
	d->slots = slots;
	d->slot_count = slot_count;
	for (uint32_t id = 1; id <= d->count; id++)
		slots[slot_of(d, entry_at(d, id))] = id;
	return true;
}

static bool grow_entries(struct dictionary *d)
{
	uint32_t capacity = d->capacity ? d->capacity + d->capacity / 2 : 32;
	unsigned char *entries = realloc(d->entries, (size_t)capacity * d->entry_size);

	if (!entries)
		return false;
	d->entries = entries;
	d->capacity = capacity;
	return true;
}

uint32_t dictionary_intern(struct dictionary *d, const void *entry, bool *added)
{
	uint32_t slot;

	*added = false;
	if (!d->slots && !grow_slots(d))
		return 0;
	slot = slot_of(d, entry);
	if (d->slots[slot])
		return d->slots[slot];
	if (d->count >= d->maximum)
		return 0;
	if (d->count == d->capacity && !grow_entries(d))
		return 0;
	if (d->count >= d->slot_count / 4 * 3) {
		if (!grow_slots(d))
			return 0;
		slot = slot_of(d, entry);
	}
	memcpy(d->entries + (size_t)d->count * d->entry_size, entry, d->entry_size);
	d->slots[slot] = ++d->count;
	*added = true;
	return d->count;
}
