/* SPDX-License-Identifier: MIT */
/*
 * Figures that a VM's garbage collector keeps of itself: offsets in global_State. There are two
 * orders, from before and after the string table moved behind the collector's state in 2020. GC64.
 */
#ifndef ACUPOINT_COLLECTOR_H
#define ACUPOINT_COLLECTOR_H

#include "luajit/layout.h"

struct collector_offsets {
	uint32_t total, threshold, state, root, to_finalize, debt, estimate; /* of GCState */
	uint32_t string_table, string_mask;
	uint32_t allocator_data; /* what the allocator is called with */
};

static inline struct collector_offsets collector_offsets(const struct layout *layout)
{
	uint32_t gc = layout->main_thread == 0xc8 ? 0x20 : 0x10;
	bool old = gc == 0x20;

	return (struct collector_offsets){
		.total = gc,
		.threshold = gc + 0x08,
		.state = gc + 0x11,
		.root = gc + 0x18,
		.to_finalize = gc + 0x40,
		.debt = gc + 0x48,
		.estimate = gc + 0x50,
		.string_table = old ? 0 : 0x98,
		.string_mask = old ? 0x08 : 0xa0,
		.allocator_data = old ? 0x18 : 0x08,
	};
}

#endif
