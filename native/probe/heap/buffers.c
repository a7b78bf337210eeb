/* SPDX-License-Identifier: MIT */
#include "heap/buffers.h"

#include "luajit/object.h"

#define HEAD 0x30
#define KIND 0x0a
#define LENGTH 0x18
enum { KIND_BUFFER = 3 };
/* SBufExt: where it is written, its end, its beginning, the thread with flags, then the rest. */
enum { W = 0, E = 8, B = 16, L = 24, SHOWN = 32, R = 40, DICT_STR = 48, DICT_MT = 56, EXT = 72 };
enum { FLAG_EXT = 1, FLAG_COW = 2, FLAG_BORROW = 4, FLAGS = 7 };
#define LONGEST (1ULL << 32)
/* In global_State, the VM's own lies behind the collector's state and before the main thread. */
#define VM_BUFFER_FROM 0x60
#define VM_BUFFER_TO 0x180

static uint64_t size_of(const uint8_t *at)
{
	uint64_t w = u64_at(at, W), e = u64_at(at, E), b = u64_at(at, B);

	return b <= w && w <= e && e - b < LONGEST ? e - b : 0;
}

bool string_buffer_of(const struct objects *o, uint64_t address, const uint8_t *head,
		      struct string_buffer *out)
{
	const uint8_t *at;
	uint64_t flags;

	if (head[KIND] != KIND_BUFFER || u32_at(head, LENGTH) != EXT)
		return false;
	at = image_at(o->image, address + HEAD, EXT);
	if (!at)
		return false;
	flags = u64_at(at, L) & FLAGS;
	if (!(flags & FLAG_EXT))
		return false;
	*out = (struct string_buffer){
		.bytes = flags & (FLAG_COW | FLAG_BORROW) ? 0 : size_of(at),
		.references = {flags & FLAG_COW ? u64_at(at, SHOWN) : 0, u64_at(at, DICT_STR),
			       u64_at(at, DICT_MT)},
	};
	return true;
}

uint64_t vm_buffer_bytes(const struct objects *o, uint64_t global)
{
	const uint8_t *g = image_at(o->image, global, VM_BUFFER_TO + 32), *at;
	size_t i;

	for (i = VM_BUFFER_FROM; g && i < VM_BUFFER_TO; i += 8) {
		at = g + i;
		/* Nothing else there is three addresses in this order and a thread. */
		if (u64_at(at, B) && size_of(at) && !(u64_at(at, L) & FLAGS) &&
		    objects_head(o, u64_at(at, L), LUA_THREAD, 16))
			return size_of(at);
	}
	return 0;
}
