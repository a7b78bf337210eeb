/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How to get from one native frame to its caller, in 32 bits, and the rows that say which rule
 * holds from which address on. Shared by the reader of .eh_frame, the BPF program and its twin in
 * user space.
 */
#ifndef ACUPOINT_UNWIND_RULE_H
#define ACUPOINT_UNWIND_RULE_H

#include <linux/types.h>

/* Where the canonical frame address (CFA: the caller's sp) comes from. */
enum unwind_kind {
	UNWIND_NONE = 0,     /* no rule is known here */
	UNWIND_SP = 1,	     /* sp + offset */
	UNWIND_FP = 2,	     /* fp + offset: rbp, x29 */
	UNWIND_SP_DEREF = 3, /* *(sp + offset) + addend */
	UNWIND_FP_DEREF = 4, /* *(fp + offset) + addend */
	UNWIND_PLT = 5,	     /* sp + 8, + 8 more from a byte of the 16-byte slot on */
	UNWIND_LEAF_REGISTER =
		6,		/* another register + offset: known in the innermost frames only */
	UNWIND_SIGNAL = 7,	/* everything is in the signal frame at sp */
	UNWIND_END = 8,		/* outermost frame of a thread */
	UNWIND_UNSUPPORTED = 9, /* the file has a rule that does not fit here */
	/* what a look-up answers where there are no rows; never in one */
	UNWIND_ANSWER_UNMAPPED = 12,
	UNWIND_ANSWER_WANTED = 13,  /* the file's rows are not loaded */
	UNWIND_ANSWER_FOREIGN = 14, /* another compiler's code */
	UNWIND_ANSWER_LUAJIT = 15,  /* a trace of LuaJIT's */
};

/*
 * Bits 0-3 the kind, 4-9 where the caller's frame pointer is, 10-15 where the return address is,
 * 16-31 the kind's own: a signed count of 8 bytes; for *_DEREF 11 signed bits of offset and 5 of
 * addend, each in 8 bytes; for LEAF_REGISTER 11 bits of offset and 5 of DWARF register number; for
 * PLT the slot's byte.
 *
 * A place is 0: not saved (the frame pointer is the caller's, the return address is in the link
 * register), 1-31: at CFA - 8 * n, 32-62: at the CFA's base register + 8 * (n - 32), 63: not known.
 * On x86-64 the return address is always at CFA - 8.
 */
#define UNWIND_PLACE_SAME 0
#define UNWIND_PLACE_BASE 32
#define UNWIND_PLACE_UNKNOWN 63

struct unwind_row {
	__u32 pc; /* bytes from the lowest address of the file's segments */
	__u32 rule;
};

static inline __u32 unwind_rule(__u32 kind, __u32 fp, __u32 ra, __s32 value)
{
	return kind | fp << 4 | ra << 10 | (__u32)value << 16;
}

static inline __u32 unwind_rule_kind(__u32 rule)
{
	return rule & 15;
}

static inline __u32 unwind_rule_fp(__u32 rule)
{
	return rule >> 4 & 63;
}

static inline __u32 unwind_rule_ra(__u32 rule)
{
	return rule >> 10 & 63;
}

/* In bytes. */
static inline __s64 unwind_rule_offset(__u32 rule)
{
	return (__s64)((__s32)rule >> 16) * 8;
}

/* The offset in bytes of the kinds that share the 16 bits with 5 others, which are
 * unwind_rule_low(). */
static inline __s64 unwind_rule_short_offset(__u32 rule)
{
	return (__s64)((__s32)rule >> 21) * 8;
}

static inline __u32 unwind_rule_low(__u32 rule)
{
	return rule >> 16 & 31;
}

#endif
