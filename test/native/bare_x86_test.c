/* SPDX-License-Identifier: MIT */
/* Rules for x86-64 code that no table describes, on any machine. */
/* modules: unwind/bare_x86.c unwind/x86_code.c unwind/x86_stack.c unwind/rows.c */
#include "check.h"

#include <stdint.h>

#include "unwind/bare_x86.h"
#include "unwind/x86_code.h"

#define BASE 0x1000
#define SP(words, saved) unwind_rule(UNWIND_SP, saved, 1, words)

static uint32_t rules[64];

static void follow(const uint8_t *code, size_t size)
{
	struct rows rows = {0};

	CHECK(size < 64 && bare_x86_rows(code, size, BASE, &rows));
	rows_finish(&rows);
	for (uint32_t i = 0; i <= size && i < 64; i++)
		rules[i] = rows_find(rows.items, rows.count, BASE + i);
	rows_free(&rows);
}

static unsigned int length(const char *bytes, size_t size)
{
	struct x86_instruction i;

	return x86_decode((const uint8_t *)bytes, size, &i) ? i.length : 0;
}
#define LENGTH(bytes) length(bytes, sizeof(bytes) - 1)

static void knows_where_instructions_end(void)
{
	CHECK(LENGTH("\x55\x90") == 1);
	CHECK(LENGTH("\x48\x81\xec\xa8\x02\x00\x00\x90") == 7);
	CHECK(LENGTH("\x64\x48\x8b\x04\x25\x28\x00\x00\x00\x90") == 9);
	CHECK(LENGTH("\x48\xb8\x01\x02\x03\x04\x05\x06\x07\x08\x90") == 10);
	CHECK(LENGTH("\x66\xc7\x44\x24\x08\x01\x00\x90") == 7);
	CHECK(LENGTH("\xf6\x06\x10\x90") == 3);
	CHECK(LENGTH("\xf6\x16\x90") == 2);
	CHECK(LENGTH("\x66\x2e\x0f\x1f\x84\x00\x00\x00\x00\x00\x90") == 10);
	CHECK(LENGTH("\x66\x0f\x3a\x0f\xc1\x08\x90") == 6);
	CHECK(LENGTH("\xc5\xf8\x77\x90") == 3);			   /* vzeroupper */
	CHECK(LENGTH("\xc4\xe3\x7d\x39\xc1\x01\x90") == 6);	   /* vextracti128 */
	CHECK(LENGTH("\x62\xf1\xfe\x48\x6f\x06\x90") == 6);	   /* vmovdqu64 */
	CHECK(LENGTH("\x48") == 0 && LENGTH("\xe8\x00\x00") == 0); /* cut off */
	CHECK(LENGTH("\x06") == 0 && LENGTH("\xea\x00\x00\x00\x00\x00\x00") == 0);
}

static void counts_what_a_function_pushes(void)
{
	static const uint8_t code[] = {
		0x53,			/* 0 push rbx */
		0x55,			/* 1 push rbp */
		0x48, 0x83, 0xec, 0x18, /* 2 sub rsp, 24 */
		0x85, 0xff,		/* 6 test edi, edi */
		0x74, 0x07,		/* 8 je 17 */
		0x48, 0x83, 0xc4, 0x18, /* 10 add rsp, 24 */
		0x5d,			/* 14 pop rbp */
		0x5b,			/* 15 pop rbx */
		0xc3,			/* 16 ret */
		0x31, 0xc0,		/* 17 xor eax, eax */
		0xeb, 0xf5,		/* 19 jmp 10 */
	};

	follow(code, sizeof(code));
	CHECK(rules[0] == SP(1, 0) && rules[1] == SP(2, 0) && rules[2] == SP(3, 3));
	CHECK(rules[6] == SP(6, 3) && rules[14] == SP(3, 3) && rules[15] == SP(2, 0));
	CHECK(rules[16] == SP(1, 0) && rules[17] == SP(6, 3) && rules[19] == SP(6, 3));
	CHECK(rules[sizeof(code)] == UNWIND_NONE);
}

static void goes_by_rbp_where_room_is_not_counted(void)
{
	static const uint8_t code[] = {
		0x55,		  /* 0 push rbp */
		0x48, 0x89, 0xe5, /* 1 mov rbp, rsp */
		0x48, 0x29, 0xc4, /* 4 sub rsp, rax */
		0x90,		  /* 7 */
		0xc9,		  /* 8 leave */
		0xc3,		  /* 9 ret */
	};

	follow(code, sizeof(code));
	CHECK(rules[4] == SP(2, 2) && rules[7] == unwind_rule(UNWIND_FP, 2, 1, 2));
	CHECK(rules[9] == SP(1, 0));
}

static void knows_that_a_call_may_not_return(void)
{
	static const uint8_t code[] = {
		0x48, 0x83, 0xec, 0x08,	      /* 0 sub rsp, 8 */
		0x85, 0xff,		      /* 4 test edi, edi */
		0x74, 0x05,		      /* 6 je 13 */
		0x48, 0x83, 0xc4, 0x08, 0xc3, /* 8 add rsp, 8; ret */
		0xe8, 0x40, 0x00, 0x00, 0x00, /* 13 call abort, elsewhere */
		0x53,			      /* 18 another function: push rbx */
		0x31, 0xc0, 0x5b, 0xc3,	      /* 19 xor eax, eax; pop rbx; ret */
	};

	follow(code, sizeof(code));
	CHECK(rules[8] == SP(2, 0) && rules[13] == SP(2, 0));
	CHECK(rules[18] == SP(1, 0) && rules[19] == SP(2, 0) && rules[22] == SP(1, 0));
}

static void takes_a_case_for_a_part_of_its_switch(void)
{
	static const uint8_t code[] = {
		0x53,		  /* 0 push rbx */
		0xff, 0xe0,	  /* 1 jmp *rax */
		0x31, 0xc0,	  /* 3 a case: xor eax, eax */
		0x5b, 0xc3,	  /* 5 pop rbx; ret */
		0x89, 0xf8, 0xc3, /* 7 another function: mov eax, edi; ret */
	};

	follow(code, sizeof(code));
	CHECK(rules[1] == SP(2, 0) && rules[3] == SP(2, 0) && rules[6] == SP(1, 0));
	CHECK(rules[7] == SP(1, 0) && rules[9] == SP(1, 0));
}

static void knows_the_outermost_frame_and_the_trampoline_of_signals(void)
{
	static const uint8_t code[] = {
		0x48, 0x31, 0xed,				/* 0 xor rbp, rbp */
		0x48, 0x83, 0xe4, 0xf0,				/* 3 and rsp, -16 */
		0xe8, 0x40, 0x00, 0x00, 0x00,			/* 7 call */
		0xc3,						/* 12 ret */
		0x48, 0xc7, 0xc0, 0x0f, 0,    0, 0, 0x0f, 0x05, /* 13 rt_sigreturn */
		0x90,
	};

	follow(code, sizeof(code));
	CHECK(unwind_rule_kind(rules[3]) == UNWIND_END && unwind_rule_kind(rules[7]) == UNWIND_END);
	CHECK(unwind_rule_kind(rules[12]) == UNWIND_SIGNAL);
	CHECK(unwind_rule_kind(rules[13]) == UNWIND_SIGNAL);
	CHECK(rules[22] == UNWIND_NONE);
}

/* A return with something left on the stack: what led there was not what it seemed. */
static void believes_nothing_that_makes_no_sense(void)
{
	static const uint8_t code[] = {0x53, 0x31, 0xc0, 0xc3, 0x90, 0x90};

	follow(code, sizeof(code));
	for (size_t i = 0; i < sizeof(code); i++)
		CHECK(rules[i] == UNWIND_NONE);
}

/* Any bytes: it ends, and within its bounds. */
static void survives_any_bytes(void)
{
	static uint8_t code[20000];
	struct rows rows = {0};
	uint32_t x = 1;

	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < sizeof(code); i++) {
			x = x * 1664525 + 1013904223;
			/* Many jumps, pushes and returns. */
			code[i] = x >> 24 & 1	? (uint8_t)(0x50 + (x >> 25) % 48)
				  : x >> 26 & 1 ? 0xc3
						: (uint8_t)(x >> 16);
		}
		CHECK(bare_x86_rows(code, sizeof(code), BASE, &rows));
	}
	rows_free(&rows);
}

int main(void)
{
	RUN(knows_where_instructions_end());
	RUN(counts_what_a_function_pushes());
	RUN(goes_by_rbp_where_room_is_not_counted());
	RUN(knows_that_a_call_may_not_return());
	RUN(takes_a_case_for_a_part_of_its_switch());
	RUN(knows_the_outermost_frame_and_the_trampoline_of_signals());
	RUN(believes_nothing_that_makes_no_sense());
	RUN(survives_any_bytes());
	return CHECKS_RESULT;
}
