/* SPDX-License-Identifier: MIT */
/* Fixed-size entries, each kept once and numbered from 1 in the order in which they came. */
#ifndef ACUPOINT_DICTIONARY_H
#define ACUPOINT_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dictionary {
	unsigned char *entries; /* entry of id i at (i - 1) * entry_size */
	uint32_t *slots;	/* open addressing: ids, 0 for free */
	uint32_t entry_size;	/* bytes; entries have no padding, they are compared as bytes */
	uint32_t count, capacity, slot_count, maximum;
	uint64_t seed; /* unknown to the target, which could else choose colliding entries */
};

void dictionary_init(struct dictionary *d, uint32_t entry_size, uint32_t maximum, uint64_t seed);
void dictionary_free(struct dictionary *d);
/* Forgets all entries; keeps the memory. */
void dictionary_clear(struct dictionary *d);
/* The id of an entry equal to this one, added if need be; 0 when full or out of memory. */
uint32_t dictionary_intern(struct dictionary *d, const void *entry, bool *added);

/* A hash for tables that hostile input fills: keyed by the seed, not cryptographic. */
uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed);

#endif
