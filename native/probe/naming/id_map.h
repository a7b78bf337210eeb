/* SPDX-License-Identifier: MIT */
/* From 64-bit keys (0 excluded) to small numbers; emptied when it would grow beyond its bound. */
#ifndef ACUPOINT_ID_MAP_H
#define ACUPOINT_ID_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_map {
	struct id_map_slot *slots;
	size_t capacity, count, bound;
};

/* `bound`: the most entries it may hold, a power of two. */
static inline struct id_map id_map_of(size_t bound)
{
	return (struct id_map){.bound = bound};
}
void id_map_free(struct id_map *m);
bool id_map_get(const struct id_map *m, uint64_t key, uint32_t *value);
/* True unless memory is out. `emptied` (may be NULL) tells that all older entries are gone. */
bool id_map_put(struct id_map *m, uint64_t key, uint32_t value, bool *emptied);
void id_map_clear(struct id_map *m);

/* Mixes two words into a key that is never 0. */
static inline uint64_t id_map_key(uint64_t a, uint64_t b)
{
	uint64_t x = (a ^ (b * 0x9e3779b97f4a7c15ULL)) * 0xbf58476d1ce4e5b9ULL;

	x = (x ^ (x >> 31) ^ b) * 0x94d049bb133111ebULL;
	return (x ^ (x >> 29)) | 1;
}

#endif
