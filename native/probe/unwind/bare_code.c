/* SPDX-License-Identifier: MIT */
#include "unwind/bare_code.h"

#include <stdlib.h>

#define RET 0xd65f03c0u
#define MOV_FP_SP 0x910003fdu
/* How the return trampoline of signals begins: mov x8, #139 (rt_sigreturn); svc #0. */
#define MOV_X8_SIGRETURN 0xd2801168u
#define SVC 0xd4000001u

/* Loads and stores of pairs that move the stack pointer: the operation, and the offset in words. */
#define PAIR_OPERATION(i) ((i)&0xffc003e0u)
#define PAIR_REGISTERS(i) ((i)&0x7c1fu)
#define FP_AND_LR 0x781du
#define STP_BEFORE 0xa98003e0u
#define LDP_AFTER 0xa8c003e0u
#define STP_D_BEFORE 0x6d8003e0u
#define LDP_D_AFTER 0x6cc003e0u

/* A return, or a jump to elsewhere: the code behind it begins as a function does. */
static bool goes_away(uint32_t i)
{
	return i == RET || (i & 0xfffffc1fu) == 0xd61f0000u; /* br */
}

static uint32_t pair_bytes(uint32_t i)
{
	int32_t words = (int32_t)(i << 10) >> 25;

	return 8 * (uint32_t)(words < 0 ? -words : words);
}

static bool makes_record(uint32_t i)
{
	return PAIR_OPERATION(i) == STP_BEFORE && PAIR_REGISTERS(i) == FP_AND_LR;
}

static bool takes_record(uint32_t i)
{
	return PAIR_OPERATION(i) == LDP_AFTER && PAIR_REGISTERS(i) == FP_AND_LR;
}

/* By how much the stack grows, in bytes. */
static int32_t grows(uint32_t i)
{
	int32_t bytes = (int32_t)(i >> 10 & 0xfff);

	switch (PAIR_OPERATION(i)) {
	case STP_BEFORE:
	case STP_D_BEFORE:
		return (int32_t)pair_bytes(i);
	case LDP_AFTER:
	case LDP_D_AFTER:
		return -(int32_t)pair_bytes(i);
	}
	if (i & 1u << 22)
		bytes <<= 12;
	switch (i & 0xff8003ffu) {
	case 0xd10003ffu: /* sub sp, sp, # */
		return bytes;
	case 0x910003ffu: /* add sp, sp, # */
		return -bytes;
	default:
		return 0;
	}
}

/* The record is at the bottom of the frame. */
static uint32_t with_record(bool fp_is_set, uint32_t frame)
{
	return unwind_rule(fp_is_set ? UNWIND_FP : UNWIND_SP, UNWIND_PLACE_BASE,
			   UNWIND_PLACE_BASE + 1, (int32_t)(frame / 8));
}

/* The size of the frame that is left next, before another is made; 0: there is none. */
static uint32_t *frames_left_next(const uint32_t *code, size_t count)
{
	uint32_t *frames = malloc(count * sizeof(*frames)), next = 0;

	for (size_t i = count; frames && i-- > 0;) {
		if (takes_record(code[i]))
			next = pair_bytes(code[i]);
		else if (makes_record(code[i]))
			next = 0;
		frames[i] = next;
	}
	return frames;
}

/* Where a frame will be left it has been made, wherever the code came from. */
bool bare_code_rows(const uint32_t *code, size_t count, uint32_t pc, struct rows *rows)
{
	uint32_t *frames = count ? frames_left_next(code, count) : NULL;
	uint32_t rule, last = UNWIND_NONE;
	bool fp_is_set = true, left = false, good = frames != NULL || !count;
	int32_t room = 0;

	for (size_t i = 0; i < count && good; i++) {
		if (frames[i] && !left)
			rule = with_record(fp_is_set, frames[i]);
		else
			rule = unwind_rule(UNWIND_SP, UNWIND_PLACE_SAME, UNWIND_PLACE_SAME,
					   room / 8);
		/* Its return address is looked up before its first instruction. */
		if (i + 2 < count && code[i + 1] == MOV_X8_SIGRETURN && code[i + 2] == SVC)
			rule = unwind_rule(UNWIND_SIGNAL, 0, 0, 0);
		else if (code[i] == MOV_X8_SIGRETURN)
			rule = last;
		if (rule != last)
			good = rows_add(rows, pc + 4 * (uint32_t)i, rule);
		last = rule;
		if (goes_away(code[i]) || makes_record(code[i]) || takes_record(code[i])) {
			fp_is_set = !makes_record(code[i]);
			left = takes_record(code[i]);
			room = 0;
		} else if (code[i] == MOV_FP_SP) {
			fp_is_set = true;
		} else if (!frames[i] || left) {
			room += grows(code[i]);
			if (room < 0 || room % 8)
				room = 0;
		}
	}
	free(frames);
	return good;
}
