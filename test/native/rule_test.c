/* SPDX-License-Identifier: MIT */
/* The worked example of docs/how-a-walk-works.md: one function, its rule in 32 bits, one step. */
/* modules: unwind/file_rows.c unwind/eh_frame.c unwind/cfi.c unwind/cfi_expression.c */
/* modules: unwind/cfi_pack.c unwind/reader.c unwind/rows.c native/elf_layout.c native/elf.c */
/* modules: unwind/bare_code.c unwind/bare_x86.c unwind/x86_code.c unwind/x86_stack.c */
#define __TARGET_ARCH_x86

#include "check.h"

#include <fcntl.h>
#include <linux/types.h>
#include <stdint.h>
#include <unistd.h>

/* The stack of the example, as the page draws it. */
#define STACK 0x7ffc00001000ull
#define CALLER_FP 0x7ffc000010a0ull
#define RETURN_ADDRESS_OF_CALLER 0x555555561234ull

/* Of the function's body: its frame pointer at CFA - 16, its caller's address at CFA - 8. */
#define BODY_RULE 0x00060421

static __u64 stack[8] = {[4] = CALLER_FP, [5] = RETURN_ADDRESS_OF_CALLER};
static __u32 rule_of_all;

static int read_stack_words(void *out, size_t size, __u64 address)
{
	if (size > sizeof(stack) || address < STACK || address - STACK > sizeof(stack) - size)
		return -1;
	memcpy(out, (char *)stack + (address - STACK), size);
	return 0;
}

#define WALK_READ(dst, size, address) read_stack_words(dst, size, address)
#define UNWIND_RULE(walk, address) ((void)(walk), (void)(address), rule_of_all)
#include "unwind/file_rows.h"
#include "walk/step.h"

#if defined(__x86_64__)
/* Never called: its bytes and its table are what is looked at. */
__asm__(".text\n"
	"example:\n"
	".cfi_startproc\n"
	"push %rbp\n"
	".cfi_def_cfa_offset 16\n"
	".cfi_offset %rbp, -16\n"
	"push %rbx\n"
	".cfi_def_cfa_offset 24\n"
	".cfi_offset %rbx, -24\n"
	"sub $24, %rsp\n"
	".cfi_def_cfa_offset 48\n"
	"example_body:\n"
	"nop\n"
	"add $24, %rsp\n"
	".cfi_def_cfa_offset 24\n"
	"pop %rbx\n"
	".cfi_def_cfa_offset 16\n"
	"pop %rbp\n"
	".cfi_def_cfa_offset 8\n"
	".cfi_restore %rbp\n"
	"example_end:\n"
	"ret\n"
	".cfi_endproc\n");
extern const char example[], example_body[], example_end[], __executable_start[];

static struct rows rows;

static __u32 rule_at(const char *code)
{
	return rows_find(rows.items, rows.count, (uint32_t)(code - __executable_start));
}

static void reads_the_rules_of_the_example(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct elf_source source = {.read = elf_read_fd, .context = &fd};
	struct frame_counts counts = {0};
	struct elf_layout layout;

	CHECK(fd >= 0 && elf_layout_read(&source, &layout));
	CHECK(!file_rows_read(&source, &layout, &rows, &counts));
	close(fd);
	CHECK(rule_at(example) == 0x00010401);
	CHECK(rule_at(example_body) == BODY_RULE);
	CHECK(rule_at(example_end) == 0x00010401);
}

#endif

static void takes_the_rule_apart(void)
{
	__u32 body = BODY_RULE;

	CHECK(unwind_rule_kind(body) == UNWIND_SP);
	CHECK(unwind_rule_fp(body) == 2);
	CHECK(unwind_rule_ra(body) == 1);
	CHECK(unwind_rule_offset(body) == 48);
}

static void takes_one_step(void)
{
	struct unwind_walk w = {.ip = 0x555555560107, .sp = STACK, .fp = 1, .exact = 1, .leaf = 1};
	__u64 frame;

	rule_of_all = BODY_RULE;
	CHECK(!unwind_step(&w, &frame));
	CHECK(frame == 0x555555560107 && w.state == UNWIND_GOES_ON);
	CHECK(w.sp == 0x7ffc00001030 && w.fp == CALLER_FP && w.ip == RETURN_ADDRESS_OF_CALLER);
	/* From here on the address is where a call returns to: the rule is that of the byte before.
	 */
	CHECK(unwind_lookup_address(&w) == RETURN_ADDRESS_OF_CALLER - 1);
}

static void stops_where_the_stack_would_not_grow(void)
{
	struct unwind_walk w = {.ip = 0x555555560107, .sp = STACK, .fp = 1, .exact = 1, .leaf = 1};
	__u64 frame;

	rule_of_all = unwind_rule(UNWIND_SP, 2, 1, -1);
	CHECK(unwind_step(&w, &frame) < 0 && w.state == UNWIND_ASTRAY);
}

int main(void)
{
#if defined(__x86_64__)
	RUN(reads_the_rules_of_the_example());
	rows_free(&rows);
#endif
	RUN(takes_the_rule_apart());
	RUN(takes_one_step());
	RUN(stops_where_the_stack_would_not_grow());
	return CHECKS_RESULT;
}
