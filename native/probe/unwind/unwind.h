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

/* Descriptors of the maps of unwind.bpf.h; they stay the caller's. */
struct unwind_maps {
	int spaces, chunks, cache;
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
 * The slot that holds the space of a process, or -errno: ENOSPC when all slots are taken. To be
 * called again whenever a sample stopped in UNWIND_WANTED or UNWIND_UNMAPPED, with the address
 * (else 0): reads the mappings anew and may answer another slot.
 */
int unwind_space_of(struct unwind *u, pid_t pid, uint64_t address);
void unwind_forget(struct unwind *u, pid_t pid);

void unwind_get_stats(const struct unwind *u, struct unwind_stats *out);

#endif
