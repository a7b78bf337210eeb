/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How to get from one native frame to its caller, in 32 bits, and the rows that say which rule
 * holds from which address on. Shared by the reader of .eh_frame, the BPF program and its twin in
 * user space.
 */
#ifndef ACUPOINT_UNWIND_RULE_H
#define ACUPOINT_UNWIND_RULE_H

#ifndef __bpf__
#include <stdint.h>
#endif

/* Where the canonical frame address (CFA: the caller's sp) comes from. */
enum unwind_kind {
	UNWIND_NONE = 0,	  /* no rule is known here */
	UNWIND_SP = 1,		  /* sp + offset */
	UNWIND_FP = 2,		  /* fp + offset: rbp, x29 */
	UNWIND_SP_DEREF = 3,	  /* *(sp + offset) + addend */
	UNWIND_FP_DEREF = 4,	  /* *(fp + offset) + addend */
	UNWIND_PLT = 5,		  /* sp + 8, + 8 more from a byte of the 16-byte slot on */
	UNWIND_LEAF_REGISTER = 6, /* another register + offset: known in the innermost frame only */
	UNWIND_SIGNAL = 7,	  /* everything is in the signal frame at sp */
	UNWIND_END = 8,		  /* outermost frame of a thread */
	UNWIND_UNSUPPORTED = 9,	  /* the file has a rule that does not fit here */
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
	uint32_t pc; /* bytes from the lowest address of the file's segments */
	uint32_t rule;
};

static inline uint32_t unwind_rule(uint32_t kind, uint32_t fp, uint32_t ra, int32_t value)
{
	return kind | fp << 4 | ra << 10 | (uint32_t)value << 16;
}

static inline uint32_t unwind_rule_kind(uint32_t rule)
{
	return rule & 15;
}

static inline uint32_t unwind_rule_fp(uint32_t rule)
{
	return rule >> 4 & 63;
}

static inline uint32_t unwind_rule_ra(uint32_t rule)
{
	return rule >> 10 & 63;
}

/* In bytes. */
static inline int64_t unwind_rule_offset(uint32_t rule)
{
	return (int64_t)((int32_t)rule >> 16) * 8;
}

/* The offset in bytes of the kinds that share the 16 bits with 5 others, which are
 * unwind_rule_low(). */
static inline int64_t unwind_rule_short_offset(uint32_t rule)
{
	return (int64_t)((int32_t)rule >> 21) * 8;
}

static inline uint32_t unwind_rule_low(uint32_t rule)
{
	return rule >> 16 & 31;
}

#endif
