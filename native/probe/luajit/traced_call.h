/* SPDX-License-Identifier: MIT */
/*
 * Who called the C function that a trace is in. Calls by the FFI often share one snapshot with what
 * went before and came after, in whichever functions: it does not tell. The code says which C
 * function was called, and the bytecode of the functions that the trace knows says who calls it.
 */
#ifndef ACUPOINT_TRACED_CALL_H
#define ACUPOINT_TRACED_CALL_H

#include <stdint.h>

#include "host/memory.h"
#include "luajit/layout.h"
#include "luajit/proto.h"
#include "luajit/snapshot.h"
#include "native/symbols.h"

struct traced_call {
	const struct memory *memory;
	const struct layout *layout;
	const struct trace_snapshots *snapshots;
	struct native_symbols *symbols;
	const struct proto *base; /* of the function at jit_base */
	struct snapshot_pair around;
	uint64_t back;	 /* where the call returns to, in the trace's code */
	uint64_t callee; /* an address in the function that was called, or 0 */
};

/*
 * The frames that made it, to be freed. NULL where the snapshots tell as much: no call by the FFI,
 * or they have the same functions on both sides. `lost` where nothing tells.
 */
struct inlined *traced_call_frames(const struct traced_call *c);

#endif
