/* SPDX-License-Identifier: MIT */
/* The snapshots of one trace: at which machine code the VM would restore which frames. */
#ifndef ACUPOINT_SNAPSHOT_H
#define ACUPOINT_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "host/memory.h"
#include "luajit/jit.h"

/* References of constants are below it, those of instructions from it on. */
#define TRACE_FIRST_INSTRUCTION 0x8000u

/* All empty where the build has no machine-code offsets in its snapshots (before 2021). */
struct trace_snapshots {
	const struct layout *layout;
	struct snapshot *items;
	struct inlined **decoded; /* one for each item, made when first asked for */
	uint32_t count;
	uint32_t *map;
	uint32_t words;
	uint64_t *constants; /* instructions from `first_constant` up to the first that is
			      * none */
	uint32_t first_constant;
};

/* Arguments are fields of GCtrace; `layout` must outlive it. Leaves it empty on any doubt. */
void snapshots_read(struct trace_snapshots *s, const struct memory *m, const struct layout *layout,
		    uint64_t ir, uint32_t first_constant, uint64_t items, uint32_t count,
		    uint64_t map, uint32_t words);
void snapshots_free(struct trace_snapshots *s);

/* The frames of the two snapshots that an offset is between; NULL where they cannot be told. */
struct snapshot_pair {
	const struct inlined *now, *next;
};

/* For an offset (bytes) into the trace's machine code. */
struct snapshot_pair snapshots_around(struct trace_snapshots *s, const struct memory *m,
				      uint64_t offset);
/* The frames that run between them; NULL where they cannot be told. */
const struct inlined *snapshots_between(const struct snapshot_pair *pair);

#endif
