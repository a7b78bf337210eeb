/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The parts of a LuaJIT 2.1 VM that a walk reads, in the shape that GC64 builds give it: two slots
 * a frame, references of 64 bits. Builds without GC64 (x86-64 only: one slot a frame, references of
 * 32 bits in the lower 4 GiB) are brought into that shape here, so that the rules of the walk are
 * written once. The includer defines WALK_READ; `gc32` says which kind of build it is.
 */
#ifndef ACUPOINT_OBJECTS_H
#define ACUPOINT_OBJECTS_H

#include "walk/arch.h"
#include "walk/link.h"

/* Few builds are like that: their code is kept out of the way of what all others need. */
#define LUA_RARE static __attribute__((noinline))
#if defined(__TARGET_ARCH_x86)
#define IS_GC32(flag) __builtin_expect(!!(flag), 0)
#else
#define IS_GC32(flag) ((void)(flag), 0)
#endif

#define LUA_POINTER(word) ((word)&0x7fffffffffffULL)
/* A function in a slot carries its type in the 17 bits above the pointer. */
#define LUA_IS_FUNCTION(word) ((__s64)(word) >> 47 == -9)
#define LUA_NIL (~0ULL)
/* Where a string's text begins; with GC64. */
#define LUA_STRING_DATA 0x18
#define WALK_THREAD 6
#define WALK_FUNCTION 8

/* Without GC64 the link is the upper half of the function's slot, where its type was before. */
#define LUA_TYPES_32 0xfffffff0U

/* Differences between the two kinds of builds: in GCproto, GCfunc and lua_State. */
#define LUA_PROTO_SIZE(gc32) (IS_GC32(gc32) ? 0x40 : 0x68)
#define LUA_PROTO_BYTECODES(gc32) (IS_GC32(gc32) ? 0x08 : 0x0c)
#define LUA_PROTO_CHUNKNAME(gc32) (IS_GC32(gc32) ? 0x28 : 0x40)
#define LUA_FUNCTION_PC(gc32) (IS_GC32(gc32) ? 0x10 : 0x20)
#define LUA_STATE_TYPE(gc32) (IS_GC32(gc32) ? 0x05 : 0x09)
#define LUA_STATE_CFRAME(gc32) (IS_GC32(gc32) ? 0x30 : 0x50)
/* Bytes of a frame below its base, and of the first slots of a stack, which are no frame's. */
#define LUA_FRAME_HEAD(gc32) (IS_GC32(gc32) ? 8 : 16)
#define LUA_STACK_HEAD(gc32) (IS_GC32(gc32) ? 0 : 8)
#define LUA_CFRAME_L(gc32) (CFRAME_L + (IS_GC32(gc32) ? 8 : 0))

/* The head of a lua_State, as far as all builds agree on it, and the two words that luajit2 adds.
 */
struct lua_head {
	__u64 next;
	__u8 marked, gct, ffid, status;
	__u32 pad;
	__u64 global, gclist, base, top, max, stack, open, env, cframe;
	__u32 size, pad2;
	__u64 exdata, exdata2;
};

/* The same without GC64, from its cframe on at the same distance from the end. */
struct lua_head_32 {
	__u64 in_front[4];
	__u32 next;
	__u8 marked, gct, ffid, status;
	__u32 global, gclist;
	__u64 base, top;
	__u32 max, stack, open, env;
	__u64 cframe;
	__u32 size, pad2;
	__u64 exdata, exdata2;
} __attribute__((may_alias));

/* A GCfunc from its eighth byte on. */
struct lua_function {
	__u8 marked, gct, ffid, upvalues;
	__u32 pad;
	__u64 env, gclist, pc, c;
};

struct lua_function_32 {
	__u32 in_front[3];
	__u8 marked, gct, ffid, upvalues;
	__u32 env, gclist, pc, upvalue;
	__u64 c;
} __attribute__((may_alias));
_Static_assert(sizeof(struct lua_head_32) == sizeof(struct lua_head), "read in place");
_Static_assert(__builtin_offsetof(struct lua_function_32, c) ==
		       __builtin_offsetof(struct lua_function, c),
	       "read in place");

static inline __u64 lua_reference(__u64 word, int gc32)
{
	return IS_GC32(gc32) ? (__u32)word : word;
}

/*
 * Can an object of the VM be there? A value read by mistake, such as the word beside the one that
 * is meant, is most often a small number: the fault of such a read costs ten times a good one.
 */
static inline int lua_is_object(__u64 address)
{
	return !(address & 7) && address - 0x10000 < (1ULL << 47) - 0x10000;
}

/* 0 with a reference of the VM; without GC64, what stands behind it is read too. */
static inline int lua_read_reference(__u64 *out, __u64 address, int gc32)
{
	if (WALK_READ(out, 8, address))
		return -1;
	*out = lua_reference(*out, gc32);
	return 0;
}

LUA_RARE int lua_read_head_32(struct lua_head *out, __u64 lua_state)
{
	struct lua_head_32 *raw = (struct lua_head_32 *)out;
	__u32 kind;

	if (WALK_READ(&raw->next, sizeof(*raw) - sizeof(raw->in_front), lua_state))
		return -1;
	/* In the order in which nothing is overwritten before it was read. */
	__builtin_memcpy(&kind, &raw->marked, 4);
	__builtin_memcpy(&out->marked, &kind, 4);
	out->global = raw->global;
	out->gclist = raw->gclist;
	out->base = raw->base;
	out->top = raw->top;
	out->max = raw->max;
	out->stack = raw->stack;
	out->open = raw->open;
	out->env = raw->env;
	return 0;
}

static inline int lua_read_head(struct lua_head *out, __u64 lua_state, int gc32)
{
	if (!lua_is_object(lua_state))
		return -1;
	if (IS_GC32(gc32))
		return lua_read_head_32(out, lua_state);
	return WALK_READ(out, sizeof(*out), lua_state);
}

LUA_RARE int lua_read_function_32(struct lua_function *out, __u64 function)
{
	struct lua_function_32 *raw = (struct lua_function_32 *)out;

	if (WALK_READ(&raw->marked, sizeof(*out) - sizeof(raw->in_front), function + 4))
		return -1;
	__builtin_memcpy(&out->marked, &raw->marked, 4);
	out->pc = (__u32)out->pc;
	return 0;
}

static inline int lua_read_function(struct lua_function *out, __u64 function, int gc32)
{
	if (!lua_is_object(function))
		return -1;
	if (IS_GC32(gc32))
		return lua_read_function_32(out, function);
	return WALK_READ(out, sizeof(*out), function + 8);
}

/* Makes the two words of a frame out of the one that it is without GC64. */
static inline void lua_split_slot(__u64 slots[2], __u64 slot)
{
	slots[0] = (__u32)slot;
	slots[1] = slot >> 32;
	if (slots[1] >= LUA_TYPES_32)
		slots[1] = LUA_NIL;
}

/* 0 with the function and the link of the frame at `base`. */
static inline int lua_read_slots(__u64 slots[2], __u64 base, int gc32)
{
	if (!IS_GC32(gc32))
		return WALK_READ(slots, 16, base - 16);
	if (WALK_READ(slots, 8, base - 8))
		return -1;
	lua_split_slot(slots, slots[0]);
	return 0;
}

/* 0 with the continuation (`out[0]`) and the position of a continuation frame at `base`. */
static inline int lua_read_continuation(__u64 out[2], __u64 base, int gc32)
{
	if (!IS_GC32(gc32))
		return WALK_READ(out, 16, base - 32);
	if (WALK_READ(out, 8, base - 16))
		return -1;
	out[1] = out[0] >> 32;
	out[0] = (__u32)out[0];
	return 0;
}

/* Results wanted, of the words of a C frame; negative in lua_cpcall's. */
static inline __s32 lua_wanted_results(const __u64 *words, int gc32)
{
	return (__s32)words[CFRAME_NRES / 8 + (IS_GC32(gc32) ? 1 : 0)];
}

/* The position, of the word of a C frame that it is in. */
static inline __u64 lua_saved_pc(__u64 word, int gc32)
{
	return IS_GC32(gc32) ? word >> 32 : word;
}

#endif
