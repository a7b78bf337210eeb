/* SPDX-License-Identifier: MIT */
/*
 * The contents of a lua_shared_dict. Entries change while they are read, so no link between them is
 * followed: up to 2 MiB of pages that its allocator has in use, taken by chance where there are
 * more, are read, and an entry in them is known by its form.
 */
#ifndef ACUPOINT_SHARED_DICT_H
#define ACUPOINT_SHARED_DICT_H

#include <stdbool.h>
#include <stdint.h>

#include "nginx/slab.h"

struct shared_dict {
	uint64_t entries, expired;
	uint32_t pages_looked_at, pages_used; /* alike: all were counted, else it is an estimate */
};

/* `now_ms` is Unix time. False: the zone does not hold one, or could not be read. */
bool shared_dict_read(const struct zone_memory *z, const struct slab *s, uint64_t now_ms,
		      struct shared_dict *out);

#endif
