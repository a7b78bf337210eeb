/* SPDX-License-Identifier: MIT */
#include "heap/coroutine.h"

#include "luajit/object.h"
#include "walk/link.h"

/* Of lua_State. */
enum { STATE_BASE = 0x20, STATE_STACK = 0x38, STATE_SIZE = 0x58 };
/* In front of a frame's base: its function, and the link to the frame below. */
enum { FUNCTION = -16, LINK = -8, FRAME = 16 };
#define DEEPEST 100000

/* Bytes from the base of the frame below to this base; 0: there is none. */
static uint64_t distance(const struct objects *o, uint64_t link)
{
	const uint8_t *call;

	if (LINK_KIND(link) != LINK_LUA)
		return LINK_BYTES(link);
	/* Of a Lua function, the call says how far up its frame the next begins. */
	call = image_at(o->image, link - 4, 4);
	return call ? FRAME + call[1] * 8ULL : 0;
}

static uint64_t function_in(uint64_t slot)
{
	return VALUE_IS(slot, LUA_FUNCTION) ? VALUE_POINTER(slot) : 0;
}

size_t coroutine_functions(const struct objects *o, const uint8_t *thread,
			   uint64_t out[COROUTINE_FUNCTIONS])
{
	uint64_t stack = u64_at(thread, STATE_STACK), base = u64_at(thread, STATE_BASE), below,
		 found[COROUTINE_FUNCTIONS];
	uint64_t size = u32_at(thread, STATE_SIZE) * 8ULL;
	const uint8_t *slots = image_at(o->image, stack, size);
	size_t count = 0, kept, i;

	if (!slots || size < 2 * FRAME || base < stack + FRAME || base > stack + size)
		return 0;
	/* One that has not begun has its function where the first frame is to be. */
	if (base == stack + FRAME) {
		out[0] = function_in(u64_at(slots, FRAME));
		return out[0] != 0;
	}
	for (i = 0; i < DEEPEST && base > stack + FRAME; i++) {
		found[count % COROUTINE_FUNCTIONS] =
			function_in(u64_at(slots, base - stack + FUNCTION));
		count += found[count % COROUTINE_FUNCTIONS] != 0;
		below = distance(o, u64_at(slots, base - stack + LINK));
		if (!below || below % 8 || below > base - stack - FRAME)
			break;
		base -= below;
	}
	kept = count < COROUTINE_FUNCTIONS ? count : COROUTINE_FUNCTIONS;
	for (i = 0; i < kept; i++)
		out[i] = found[(count - 1 - i) % COROUTINE_FUNCTIONS];
	return kept;
}
