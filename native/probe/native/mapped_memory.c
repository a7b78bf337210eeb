/* SPDX-License-Identifier: MIT */
#include "native/mapped_memory.h"

#include <string.h>

/* glibc's arenas but the first are in areas of this size and alignment. */
#define ARENA_AREA (64ULL << 20)
/* Their head says in whose area they are, and how much of it is in use. */
struct arena_head {
	uint64_t arena, previous, size, writable;
};

static bool is_arena(const struct memory *m, const struct mapping *map)
{
	uint64_t length = map->end - map->start;
	struct arena_head head;

	return !map->inode && !(map->start & (ARENA_AREA - 1)) && length <= ARENA_AREA &&
	       memory_read(m, map->start, &head, sizeof(head)) && head.size <= head.writable &&
	       head.writable == length && head.arena && (head.arena & (ARENA_AREA - 1)) < 0x100;
}

struct mapped_memory mapped_memory_of(const struct memory *m, const struct mappings *maps)
{
	struct mapped_memory out = {0};

	for (size_t i = 0; i < maps->count; i++) {
		const struct mapping *map = &maps->items[i];
		uint64_t length = map->end - map->start;

		if (map->perms[1] != 'w')
			continue;
		if (map->perms[3] == 's')
			out.shared += length;
		else if (!strcmp(map->path, "[heap]") || is_arena(m, map))
			out.c_heap += length;
	}
	return out;
}
