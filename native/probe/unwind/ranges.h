/* SPDX-License-Identifier: MIT */
/* The executable mappings of a process, as the BPF program wants them. */
#ifndef ACUPOINT_UNWIND_RANGES_H
#define ACUPOINT_UNWIND_RANGES_H

#include "unwind/files.h"

/*
 * Fills in count and ranges of `out`; files that are small are loaded, and the one that holds
 * `wanted`. 0, or -errno. `left_out` counts mappings beyond UNWIND_RANGES.
 */
int ranges_read(struct files *files, pid_t pid, uint64_t wanted, struct unwind_space *out,
		size_t *left_out);

#endif
