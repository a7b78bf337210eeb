/* SPDX-License-Identifier: MIT */
#include "unwind/unwind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/usage.h"
#include "unwind/ranges.h"
#include "unwind/store.h"

#define PROCESSES_MAX 256
#define OWNERS_MAX 65535
#define AGAIN_MS 1000

struct slot {
	size_t users;
	uint64_t freed; /* order in which slots became free: the one that is longest free is reused
			 */
	uint64_t print; /* of what it holds */
};

struct unwind {
	struct unwind_maps maps;
	struct chunks chunks;
	struct files files;
	struct slot slots[UNWIND_SPACES];
	struct {
		pid_t pid;
		int slot;
		uint64_t next_ms; /* not to be read again before */
		uint64_t address; /* that was missing last */
	} processes[PROCESSES_MAX];
	size_t process_count, left_out;
	uint64_t frees;
	uint32_t owner;
	struct unwind_space built, other;
};

struct unwind *unwind_new(const struct unwind_maps *maps)
{
	struct unwind *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->maps = *maps;
	u->chunks = chunks_of(maps->chunks, maps->memory, maps->make_chunk);
	u->files.chunks = &u->chunks;
	return u;
}

void unwind_free(struct unwind *u)
{
	if (!u)
		return;
	files_free(&u->files);
	chunks_close(&u->chunks);
	free(u);
}

static uint64_t print_of(const struct unwind_space *s)
{
	const uint8_t *bytes = (const uint8_t *)s->ranges;
	uint64_t hash = 0xcbf29ce484222325ULL ^ s->count;

	for (size_t i = 0; i < s->count * sizeof(s->ranges[0]); i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}

static bool holds(struct unwind *u, uint32_t slot, uint64_t print)
{
	return u->slots[slot].print == print && !store_get_space(&u->maps, slot, &u->other) &&
	       u->other.count == u->built.count &&
	       !memcmp(u->other.ranges, u->built.ranges,
		       u->built.count * sizeof(u->built.ranges[0]));
}

/* When the owners' numbers are used up they begin again, with an empty cache. */
static uint32_t next_owner(struct unwind *u)
{
	if (++u->owner > OWNERS_MAX) {
		u->owner = 1;
		store_clear_cache(&u->maps);
	}
	return u->owner;
}

/*
 * The slot that holds what was built. A slot in use is never written: a walk may be on its way in
 * it. One that became free may still be, for some microseconds, so the longest free is taken.
 */
static int place(struct unwind *u)
{
	uint64_t print = print_of(&u->built);
	int best = -1, err;
	uint32_t slot;

	for (slot = 0; slot < UNWIND_SPACES; slot++) {
		if (u->slots[slot].users && holds(u, slot, print))
			return (int)slot;
		if (!u->slots[slot].users &&
		    (best < 0 || u->slots[slot].freed < u->slots[best].freed))
			best = (int)slot;
	}
	if (best < 0)
		return -ENOSPC;
	slot = (uint32_t)best;
	u->built.owner = next_owner(u);
	err = store_put_space(&u->maps, slot, &u->built);
	if (err)
		return err;
	u->slots[best].print = print;
	return best;
}

static void leave(struct unwind *u, int slot)
{
	if (slot >= 0 && --u->slots[slot].users == 0)
		u->slots[slot].freed = ++u->frees;
}

int unwind_space_of(struct unwind *u, pid_t pid, uint64_t address)
{
	size_t i = 0;
	int slot, err;

	while (i < u->process_count && u->processes[i].pid != pid)
		i++;
	if (i == PROCESSES_MAX)
		return -ENOSPC;
	err = ranges_read(&u->files, pid, address, &u->built, &u->left_out);
	if (err)
		return err;
	slot = place(u);
	if (slot < 0)
		return slot;
	u->slots[slot].users++;
	if (i == u->process_count) {
		u->processes[i].pid = pid;
		u->processes[i].next_ms = 0;
		u->process_count++;
	} else {
		leave(u, u->processes[i].slot);
	}
	u->processes[i].slot = slot;
	return slot;
}

int unwind_space_again(struct unwind *u, pid_t pid, uint64_t address)
{
	uint64_t now = clock_monotonic_ms();
	size_t i = 0;

	while (i < u->process_count && u->processes[i].pid != pid)
		i++;
	if (i == u->process_count)
		return -EAGAIN;
	/* An address that stays without rules does not cost a look each time. */
	if (now < u->processes[i].next_ms && address >> 12 == u->processes[i].address >> 12)
		return -EAGAIN;
	u->processes[i].next_ms = now + AGAIN_MS;
	u->processes[i].address = address;
	return unwind_space_of(u, pid, address);
}

void unwind_forget(struct unwind *u, pid_t pid)
{
	for (size_t i = 0; i < u->process_count; i++) {
		if (u->processes[i].pid != pid)
			continue;
		leave(u, u->processes[i].slot);
		u->processes[i] = u->processes[--u->process_count];
		return;
	}
}

void unwind_get_stats(const struct unwind *u, struct unwind_stats *out)
{
	*out = (struct unwind_stats){
		.files = u->files.loaded,
		.unusable_files = u->files.unusable,
		.rows = u->files.rows,
		.chunks = u->chunks.made,
		.ranges_left_out = u->left_out,
	};
	for (size_t i = 0; i < UNWIND_SPACES; i++)
		out->spaces += u->slots[i].users > 0;
}
