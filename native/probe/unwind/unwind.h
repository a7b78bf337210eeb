/* SPDX-License-Identifier: MIT */
/*
 * Keeps the tables by which the BPF program unwinds native frames: one space for each process,
 * which is shared by those that have the same mappings, as the workers of one master do.
 * Single-threaded.
 */
#ifndef ACUPOINT_UNWIND_H
#define ACUPOINT_UNWIND_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/types.h>

#include "walk/rule.h"
#include "walk/space.h"

/* Where there is no BPF: what its maps would hold. */
struct unwind_memory {
	struct unwind_space *spaces[UNWIND_SPACES];
	struct unwind_row *chunks[UNWIND_CHUNKS];
	struct unwind_cached cache[UNWIND_CACHE];
};

/* NULL when out of memory. Freed after the unwind that it was given to. */
struct unwind_memory *unwind_memory_new(void);
void unwind_memory_free(struct unwind_memory *memory);

/* Descriptors of the maps of unwind.bpf.h, or `memory`; they stay the caller's. */
struct unwind_maps {
	int spaces, chunks, cache;
	int (*make_chunk)(void); /* a descriptor or -errno; needs privilege */
	struct unwind_memory *memory;
};

struct unwind_stats {
	size_t files, unusable_files, rows, chunks, spaces;
	size_t ranges_left_out;
};

struct unwind;

/* NULL when out of memory. */
struct unwind *unwind_new(const struct unwind_maps *maps);
void unwind_free(struct unwind *u);

/*
 * Reads the mappings of a process again. Returns the slot that holds its space, maybe another than
 * before, or -errno: ENOSPC when all slots are taken. Loads the file that `address` is in.
 */
int unwind_space_of(struct unwind *u, pid_t pid, uint64_t address);
/*
 * The same for a sample that lacked the rule of `address`; -EAGAIN if the mappings were read so
 * lately that this would not help.
 */
int unwind_space_again(struct unwind *u, pid_t pid, uint64_t address);
void unwind_forget(struct unwind *u, pid_t pid);

void unwind_get_stats(const struct unwind *u, struct unwind_stats *out);

#endif
