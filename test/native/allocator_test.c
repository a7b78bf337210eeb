/* SPDX-License-Identifier: MIT */
/* modules: luajit/allocator_growth.c */
/* Where an allocator's code is left by what frees. */
#include "check.h"

#include <string.h>

#include "luajit/allocator_growth.h"

static void expect(const void *code, size_t size, size_t behind)
{
	uint8_t head[ALLOCATOR_HEAD] = {0};

	memcpy(head, code, size);
	CHECK(allocator_growth(head) == behind);
}

#if defined(__x86_64__)
static void knows_the_usual_code(void)
{
	/* test rcx, rcx; je; test rsi, rsi; je */
	expect("\x48\x85\xc9\x74\x1b\x48\x85\xf6\x74\x0e", 10, 8);
	expect("\xf3\x0f\x1e\xfa\x48\x85\xc9\x74\x1b\x48\x85\xf6\x74\x0e", 14, 12);
}

static void leaves_other_code_alone(void)
{
	expect("", 0, 0);
	/* Other registers, far branches, something in between. */
	expect("\x48\x85\xc0\x74\x1b\x48\x85\xf6\x74\x0e", 10, 0);
	expect("\x48\x85\xc9\x0f\x84\x1b\x00\x00\x00\x48\x85\xf6\x74\x0e", 14, 0);
	expect("\x48\x85\xc9\x74\x1b\x55\x48\x85\xf6\x74\x0e", 11, 0);
	expect("\xf3\x0f\x1e\xfa\x48\x85\xc9\x74\x1b", 9, 0);
}
#else
static void knows_the_usual_code(void)
{
	static const uint32_t plain[] = {0xb40000e3, 0xb4000061},
			      marked[] = {0xd503245f, 0xb40000e3, 0xb4000061};

	expect(plain, sizeof(plain), 4);
	expect(marked, sizeof(marked), 8);
}

static void leaves_other_code_alone(void)
{
	static const uint32_t other[] = {0xb40000e2, 0xb4000061},
			      narrow[] = {0x340000e3, 0xb4000061};

	expect("", 0, 0);
	expect(other, sizeof(other), 0);
	expect(narrow, sizeof(narrow), 0);
}
#endif

int main(void)
{
	RUN(knows_the_usual_code());
	RUN(leaves_other_code_alone());
	return CHECKS_RESULT;
}
