/* SPDX-License-Identifier: MIT */
/* Where the unwinder's tables are: in maps of BPF or in this process. All return 0 or -errno. */
#ifndef ACUPOINT_UNWIND_STORE_H
#define ACUPOINT_UNWIND_STORE_H

#include "unwind/unwind.h"

int store_get_space(const struct unwind_maps *maps, uint32_t slot, struct unwind_space *out);
int store_put_space(const struct unwind_maps *maps, uint32_t slot,
		    const struct unwind_space *space);
void store_clear_cache(const struct unwind_maps *maps);
/* Room for UNWIND_CHUNK_ROWS rows, which takes memory as it is written to. */
int store_make_chunk(struct unwind_memory *memory, uint32_t index);

#endif
