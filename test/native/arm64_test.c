/* SPDX-License-Identifier: MIT */
/* arm64's rules, over memory of our own, on any machine. */
/* modules: unwind/bare_code.c unwind/rows.c */
#define __TARGET_ARCH_arm64

#include "check.h"

#include <linux/types.h>
#include <stdint.h>

#define ARENA 0x10000ull
#define ARENA_WORDS 2048

static __u64 arena[ARENA_WORDS];
static __u32 rule_of_all;

static int read_arena(void *out, size_t size, __u64 address)
{
	if (address < ARENA || address > ARENA + sizeof(arena) - size)
		return -1;
	memcpy(out, (char *)arena + (address - ARENA), size);
	return 0;
}

#define WALK_READ(dst, size, address) read_arena(dst, size, address)
#define UNWIND_RULE(walk, address) ((void)(walk), (void)(address), rule_of_all)
/* 39 bits of address, as small machines have. */
#define WALK_ADDRESS_MASK 0x7fffffffffull
#include "unwind/bare_code.h"
#include "walk/step.h"
#include "walk/walk.h"

static void put(__u64 address, __u64 value)
{
	memcpy((char *)arena + (address - ARENA), &value, 8);
}

#define STP_RECORD 0xa9be7bfdu /* stp x29, x30, [sp, #-32]! */
#define MOV_FP 0x910003fdu
#define LDP_RECORD 0xa8c27bfdu /* ldp x29, x30, [sp], #32 */
#define RET 0xd65f03c0u
#define NOP 0xd503201fu
#define FRAMED unwind_rule(UNWIND_FP, UNWIND_PLACE_BASE, UNWIND_PLACE_BASE + 1, 4)

static __u32 bare_rule(const uint32_t *code, size_t count, uint32_t index)
{
	struct rows rows = {0};
	__u32 rule;

	CHECK(bare_code_rows(code, count, 0x100, &rows));
	rows_finish(&rows);
	rule = rows_find(rows.items, rows.count, 0x100 + index * 4);
	rows_free(&rows);
	return rule;
}

static void reads_code_without_tables(void)
{
	const uint32_t function[] = {NOP, STP_RECORD, MOV_FP,	  NOP, LDP_RECORD,
				     RET, NOP,	      LDP_RECORD, RET, NOP};
	const uint32_t pushes[] = {0xd10043ff /* sub sp, sp, #16 */, NOP, 0xd61f0220 /* br x17 */,
				   NOP};
	const uint32_t trampoline[] = {NOP, 0xd2801168, 0xd4000001, NOP};
	const __u32 bare = unwind_rule(UNWIND_SP, 0, 0, 0);

	CHECK(bare_rule(function, 10, 0) == bare);
	CHECK(bare_rule(function, 10, 1) == bare);
	CHECK(unwind_rule_kind(bare_rule(function, 10, 2)) == UNWIND_SP);
	CHECK(unwind_rule_offset(bare_rule(function, 10, 2)) == 32);
	CHECK(bare_rule(function, 10, 3) == FRAMED && bare_rule(function, 10, 4) == FRAMED);
	CHECK(bare_rule(function, 10, 5) == bare);
	/* Behind a return in the midst of a function its frame is there still. */
	CHECK(bare_rule(function, 10, 6) == FRAMED);
	CHECK(bare_rule(function, 10, 9) == bare);
	CHECK(bare_rule(pushes, 4, 1) == unwind_rule(UNWIND_SP, 0, 0, 2));
	CHECK(bare_rule(pushes, 4, 3) == bare);
	CHECK(unwind_rule_kind(bare_rule(trampoline, 4, 0)) == UNWIND_SIGNAL);
	CHECK(unwind_rule_kind(bare_rule(trampoline, 4, 1)) == UNWIND_SIGNAL);
}

static void strips_signatures_and_knows_the_end(void)
{
	struct unwind_walk w = {.ip = 0x5000, .sp = ARENA, .leaf = 1, .exact = 1};
	__u64 frame;

	w.fp = ARENA + 0x40;
	w.lr = 0x5aa000000000ULL << 8 | 0x6000;
	rule_of_all = unwind_rule(UNWIND_SP, 0, 0, 0);
	CHECK(unwind_step(&w, &frame) == 0);
	CHECK(frame == 0x5000 && w.ip == 0x6000 && w.sp == ARENA);
	/* A caller's return address is never in the link register. */
	CHECK(unwind_step(&w, &frame) < 0 && w.state == UNWIND_NO_RULE);
	w.fp = 0;
	CHECK(unwind_step(&w, &frame) < 0 && w.state == UNWIND_COMPLETE);
}

/* ---- the interpreter's C frames ------------------------------------------------------------- */

#define CODE ARENA
#define THREAD (ARENA + 0x800)
#define CFRAME (ARENA + 0x1000)

static void make_cframe(__u64 cframe, int old, __u64 previous, __u64 fp, __u64 lr)
{
	__u64 part = CFRAME_PART(cframe, old), record = CFRAME_RECORD(cframe, old);

	put(part + CFRAME_PREV, previous);
	put(part + CFRAME_L, THREAD);
	put(record, fp);
	put(record + 8, lr);
	put(THREAD + 8, 6 << 8);
	put(THREAD + 0x50, cframe);
}

static struct unwind_walk in_vm(int old)
{
	return (struct unwind_walk){.ip = CODE + 0x40,
				    .sp = CFRAME,
				    .fp = CFRAME_RECORD(CFRAME, old),
				    .old_cframe = (__u8)old,
				    .code_start = CODE,
				    .code_end = CODE + 0x100,
				    .leaf = 1,
				    .exact = 1};
}

static void passes_the_interpreter(int old)
{
	struct unwind_walk w = in_vm(old);
	__u64 frame;

	make_cframe(CFRAME, old, 0, 0x1234, 0x7000);
	CHECK(unwind_step(&w, &frame) == 0);
	CHECK(frame == (UNWIND_MARK | CFRAME) && w.ip == 0x7000 && w.fp == 0x1234);
	CHECK(w.sp == CFRAME + 208 && w.first_cframe == CFRAME);
	/* In a helper that compiled code has called, only the frame pointer knows. */
	w = in_vm(old);
	w.sp -= 64;
	w.trace = 1;
	w.lr = 0x9004;
	CHECK(unwind_step(&w, &frame) == 0 && w.first_cframe == CFRAME && w.trace_ip == 0x9003);
}

static void enters_and_leaves(__u32 instruction, int old, __u64 sp, __u64 fp)
{
	struct unwind_walk w = in_vm(old);
	__u64 frame;

	memset(arena, 0, sizeof(arena));
	memcpy((char *)arena + 0x40, &instruction, 4);
	put(CFRAME_RECORD(CFRAME, old), 0x1234);
	put(CFRAME_RECORD(CFRAME, old) + 8, 0x7000);
	w.sp = sp;
	w.fp = fp;
	w.lr = 0x7000;
	CHECK(unwind_step(&w, &frame) == 0);
	CHECK(frame == CODE + 0x40 && w.ip == 0x7000 && w.fp == 0x1234 && w.sp == CFRAME + 208);
}

static void joins_coroutines(int old)
{
	struct sampled_vm vm = {.code_start = CODE, .code_end = CODE + 0x100};
	struct walk w = {.cframe = CFRAME, .lua_state = 1, .old_cframe = (__u8)old};
	struct sample_frame out;
	struct lua_head head;

	memset(arena, 0, sizeof(arena));
	make_cframe(CFRAME, old, 0, 0, CODE + 0x20);
	make_cframe(CFRAME + CFRAME_SIZE, old, 0, 0, 0x7000);
	CHECK(walk_join(&w, &out, &head, &vm) == 1);
	CHECK(out.what == THREAD && w.cframe == CFRAME + CFRAME_SIZE);
}

int main(void)
{
	RUN(reads_code_without_tables());
	RUN(strips_signatures_and_knows_the_end());
	RUN(passes_the_interpreter(0));
	RUN(passes_the_interpreter(1));
	RUN(enters_and_leaves(0xd10343ff, 0, CFRAME + 208, 0x1234));
	RUN(enters_and_leaves(0xa90c7bfd, 0, CFRAME, 0x1234));
	RUN(enters_and_leaves(0x910303fd, 0, CFRAME, 0x1234));
	RUN(enters_and_leaves(NOP, 0, CFRAME, CFRAME + 192));
	RUN(enters_and_leaves(0x910343ff, 0, CFRAME, 0x1234));
	RUN(enters_and_leaves(RET, 0, CFRAME + 208, 0x1234));
	RUN(enters_and_leaves(0xa9b37bfd, 1, CFRAME + 208, 0x1234));
	RUN(enters_and_leaves(0x910003fd, 1, CFRAME, 0x1234));
	RUN(enters_and_leaves(0xa8cd7bfd, 1, CFRAME, CFRAME));
	RUN(joins_coroutines(0));
	RUN(joins_coroutines(1));
	return CHECKS_RESULT;
}
