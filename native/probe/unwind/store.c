/* SPDX-License-Identifier: MIT */
#include "unwind/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>

#define CHUNK_BYTES (UNWIND_CHUNK_ROWS * sizeof(struct unwind_row))

struct unwind_memory *unwind_memory_new(void)
{
	return calloc(1, sizeof(struct unwind_memory));
}

void unwind_memory_free(struct unwind_memory *memory)
{
	if (!memory)
		return;
	for (size_t i = 0; i < UNWIND_SPACES; i++)
		free(memory->spaces[i]);
	for (size_t i = 0; i < UNWIND_CHUNKS; i++)
		if (memory->chunks[i])
			munmap(memory->chunks[i], CHUNK_BYTES);
	free(memory);
}

int store_get_space(const struct unwind_maps *maps, uint32_t slot, struct unwind_space *out)
{
	if (!maps->memory)
		return bpf_map_lookup_elem(maps->spaces, &slot, out);
	if (!maps->memory->spaces[slot])
		return -ENOENT;
	*out = *maps->memory->spaces[slot];
	return 0;
}

int store_put_space(const struct unwind_maps *maps, uint32_t slot, const struct unwind_space *space)
{
	struct unwind_space *made;

	if (!maps->memory)
		return bpf_map_update_elem(maps->spaces, &slot, space, BPF_ANY);
	made = maps->memory->spaces[slot];
	if (!made)
		made = malloc(sizeof(*made));
	if (!made)
		return -ENOMEM;
	*made = *space;
	maps->memory->spaces[slot] = made;
	return 0;
}

void store_clear_cache(const struct unwind_maps *maps)
{
	struct unwind_cached nothing = {0};

	if (maps->memory) {
		memset(maps->memory->cache, 0, sizeof(maps->memory->cache));
		return;
	}
	for (uint32_t i = 0; i < UNWIND_CACHE; i++)
		bpf_map_update_elem(maps->cache, &i, &nothing, BPF_ANY);
}

int store_make_chunk(struct unwind_memory *memory, uint32_t index)
{
	void *rows =
		mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (rows == MAP_FAILED)
		return -errno;
	memory->chunks[index] = rows;
	return 0;
}
