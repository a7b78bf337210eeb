/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What differs between architectures for a walk of LuaJIT's stacks: where the interpreter keeps its
 * state in registers and in its C frame, whose lowest address is "cframe" here. Shared by BPF and
 * user space.
 */
#ifndef ACUPOINT_ARCH_H
#define ACUPOINT_ARCH_H

#if !defined(__TARGET_ARCH_x86) && !defined(__TARGET_ARCH_arm64)
#if defined(__x86_64__)
#define __TARGET_ARCH_x86
#elif defined(__aarch64__)
#define __TARGET_ARCH_arm64
#endif
#endif

#if defined(__TARGET_ARCH_x86)

/* As the kernel lays it out. All u64: newer kernels narrow `cs`, and a context load of it is then
 * refused. */
struct user_regs {
	__u64 r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
	__u64 ip, cs, flags, sp, ss;
};
#define REGS_IP(r) ((r)->ip)
#define REGS_SP(r) ((r)->sp)
#define REGS_BASE(r) ((r)->dx)
#define REGS_PC(r) ((r)->bx)
/* Padding between a task's saved registers and the end of its kernel stack. */
#define KERNEL_STACK_SIZE 16384
#define REGS_END_PADDING 0

#define CFRAME_NRES 8
#define CFRAME_L 16
#define CFRAME_PC 24
#define CFRAME_PREV 32
#define CFRAME_RETURN 72
#define CFRAME_SIZE 80
/* Registers that the interpreter pushes when it makes its C frame. */
#define CFRAME_PUSHED 4
/* A helper of the VM that is called, not jumped to, may have pushed this many words. */
#define CFRAME_SLACK 2
/* What JIT code pushes below the interpreter's frame, before a trace's own spill slots. */
#define JIT_FRAME 16
#define MCODE_UNIT 1

/* The frame of the interpreter whose call of C left the return address `at`; the word holds it. */
#define CFRAME_OF_CALL(at, words, i) ((at) + 8)
#define CALL_IN_SCAN(words, i) ((words)[i])

#elif defined(__TARGET_ARCH_arm64)

struct user_regs {
	__u64 regs[31];
	__u64 sp, pc, pstate;
};
#define REGS_IP(r) ((r)->pc)
#define REGS_SP(r) ((r)->sp)
#define REGS_BASE(r) ((r)->regs[19])
#define REGS_PC(r) ((r)->regs[21])
#define KERNEL_STACK_SIZE 16384
/* struct pt_regs goes on after what user space sees of it: orig_x0, syscallno, pmr, stackframe. */
#define REGS_END_PADDING 64

#define CFRAME_PREV 0
#define CFRAME_PC 8
#define CFRAME_L 16
#define CFRAME_NRES 40
#define CFRAME_RETURN 200
#define CFRAME_SIZE 208
#define CFRAME_SLACK 0
#define JIT_FRAME 16
#define MCODE_UNIT 4

/* A frame record {fp, lr}: lr is in the VM and fp is the interpreter's, which is cframe + 192. */
#define CFRAME_OF_CALL(at, words, i) ((words)[(i)-1] - 192)
#define CALL_IN_SCAN(words, i) ((words)[i])

#else
#error "no rules for this architecture"
#endif
#endif
