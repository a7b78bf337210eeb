/* SPDX-License-Identifier: MIT */
#include "luajit/allocator_growth.h"

#include <string.h>

/*
 * LuaJIT's own allocator begins with two questions: is nsize 0 (it frees), is ptr NULL (it
 * allocates). Compilers put each as a test and a branch. Whatever is freed, about every second
 * call, does not come to the second branch; and the kernel executes a branch by itself, where it
 * has to step over a test.
 */
#if defined(__x86_64__)
static const uint8_t mark[] = {0xf3, 0x0f, 0x1e, 0xfa};	    /* endbr64 */
static const uint8_t is_freed[] = {0x48, 0x85, 0xc9, 0x74}; /* test rcx, rcx; je */
static const uint8_t is_new[] = {0x48, 0x85, 0xf6, 0x74};   /* test rsi, rsi; je */

size_t allocator_growth(const uint8_t code[ALLOCATOR_HEAD])
{
	size_t at = memcmp(code, mark, sizeof(mark)) ? 0 : sizeof(mark);

	if (memcmp(code + at, is_freed, sizeof(is_freed)) ||
	    memcmp(code + at + 5, is_new, sizeof(is_new)))
		return 0;
	return at + 5 + 3;
}
#else
/* A cbz of the 64 bits of this register. */
static bool is_branch(const uint8_t *code, uint32_t number)
{
	uint32_t word;

	memcpy(&word, code, sizeof(word));
	return (word & 0xff00001f) == (0xb4000000 | number);
}

size_t allocator_growth(const uint8_t code[ALLOCATOR_HEAD])
{
	static const uint8_t mark[] = {0x5f, 0x24, 0x03, 0xd5}; /* bti c */
	size_t at = memcmp(code, mark, sizeof(mark)) ? 0 : sizeof(mark);

	return is_branch(code + at, 3) && is_branch(code + at + 4, 1) ? at + 4 : 0;
}
#endif
