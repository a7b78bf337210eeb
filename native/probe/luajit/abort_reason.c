/* SPDX-License-Identifier: MIT */
#include "luajit/abort_reason.h"

#include <stdio.h>

/*
 * In the order of LuaJIT's lj_traceerr.h, which has been the same in all of 2.1 since August 2015.
 * The texts are not in LuaJIT's binary: only its jit/vmdef.lua has them.
 */
static const char *const texts[] = {
	"error thrown or hook called during recording",
	"trace too short",
	"trace too long",
	"trace too deep",
	"too many snapshots",
	"blacklisted",
	"retry recording",
	"NYI: bytecode",
	"leaving loop in root trace",
	"inner loop in root trace",
	"loop unroll limit reached",
	"bad argument type",
	"JIT compilation disabled for function",
	"call unroll limit reached",
	"down-recursion, restarting",
	"NYI: unsupported variant of FastFunc",
	"NYI: return to lower frame",
	"store with nil or NaN key",
	"missing metamethod",
	"looping index lookup",
	"NYI: mixed sparse/dense table",
	"symbol not in cache",
	"NYI: unsupported C type conversion",
	"NYI: unsupported C function type",
	"guard would always fail",
	"too many PHIs",
	"persistent type instability",
	"failed to allocate mcode memory",
	"machine code too long",
	"hit mcode limit (retrying)",
	"too many spill slots",
	"inconsistent register allocation",
	"NYI: cannot assemble IR instruction",
	"NYI: PHI shuffling too complex",
	"NYI: register coalescing too complex",
};

size_t abort_reason_text(uint32_t reason, char *out, size_t capacity)
{
	int length = reason < sizeof(texts) / sizeof(*texts)
			     ? snprintf(out, capacity, "%s", texts[reason])
			     : snprintf(out, capacity, "reason %u", reason);

	return length < 0 ? 0 : (size_t)length < capacity ? (size_t)length : capacity - 1;
}
