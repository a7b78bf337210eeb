/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Differences between architectures for a walk of LuaJIT's stacks: where the interpreter keeps its
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
/* Arguments of a C function that begins. */
#define REGS_ARGUMENT_1(r) ((r)->di)
#define REGS_ARGUMENT_2(r) ((r)->si)
#define REGS_ARGUMENT_3(r) ((r)->dx)
#define REGS_ARGUMENT_4(r) ((r)->cx)
#define REGS_ARGUMENT_5(r) ((r)->r8)
#define REGS_ARGUMENT_6(r) ((r)->r9)
/* System calls that wait for events; others of this kind do not exist on the architecture. */
#define CALL_EPOLL_WAIT 232
#define CALL_EPOLL_PWAIT 281
#define CALL_EPOLL_PWAIT2 441

/* Of its two parts, what the VM keeps and {frame pointer, return address}; "old" is arm64's. */
#define CFRAME_PART(cframe, old) ((void)(old), (cframe))
#define CFRAME_RECORD(cframe, old) ((void)(old), (cframe) + 64)
#define CFRAME_NRES 8
#define CFRAME_L 16
#define CFRAME_PC 24
#define CFRAME_PREV 32
#define CFRAME_SIZE 80
/* Registers that the interpreter pushes when it makes its C frame. */
#define CFRAME_PUSHED 4
/* A helper of the VM that is called, not jumped to, may have pushed this many words. */
#define CFRAME_SLACK 2
/* Pushed by JIT code below the interpreter's frame, before a trace's own spill slots. */
#define JIT_FRAME 16
/* A call by JIT code leaves its return address below the trace's spill slots. */
#define JIT_CALL_ON_STACK 1
/* Where the VM keeps its base C functions may not leave it alone: it is in the lua_State then. */
#define BASE_SURVIVES_CALLS 0
#define SAVED_BASE 0
#define SAVED_PC 0
#define MCODE_UNIT 1

/* The frame of the interpreter whose call of C left its return address as words[i], at `at`. */
#define CFRAME_OF_CALL(at, words, i, old) ((at) + 8)
#define RETURN_ADDRESS(word, mask) (word)

#elif defined(__TARGET_ARCH_arm64)

struct user_regs {
	__u64 regs[31];
	__u64 sp, pc, pstate;
};
#define REGS_IP(r) ((r)->pc)
#define REGS_SP(r) ((r)->sp)
#define REGS_BASE(r) ((r)->regs[19])
#define REGS_PC(r) ((r)->regs[21])
#define REGS_ARGUMENT_1(r) ((r)->regs[0])
#define REGS_ARGUMENT_2(r) ((r)->regs[1])
#define REGS_ARGUMENT_3(r) ((r)->regs[2])
#define REGS_ARGUMENT_4(r) ((r)->regs[3])
#define REGS_ARGUMENT_5(r) ((r)->regs[4])
#define REGS_ARGUMENT_6(r) ((r)->regs[5])
#define CALL_EPOLL_WAIT 22
#define CALL_EPOLL_PWAIT 22
#define CALL_EPOLL_PWAIT2 441

/*
 * The frame has two parts: what the VM keeps, and the frame record {fp, lr}, at which the frame
 * pointer is. Until September 2021 the record came first ("old").
 */
#define CFRAME_PART(cframe, old) ((cframe) + ((old) ? 160 : 0))
#define CFRAME_RECORD(cframe, old) ((cframe) + ((old) ? 0 : 192))
#define CFRAME_PREV 0
#define CFRAME_PC 8
#define CFRAME_L 16
#define CFRAME_NRES 40
#define CFRAME_SIZE 208
#define CFRAME_SLACK 0
#define JIT_FRAME 16
#define JIT_CALL_ON_STACK 0
/*
 * C functions leave the VM's registers alone, so that it does not always write the base to the
 * lua_State. A C function that needs the registers saves them above its frame record, in these
 * words.
 */
#define BASE_SURVIVES_CALLS 1
#define SAVED_BASE 2
#define SAVED_PC 4
#define MCODE_UNIT 4

/* Pushed by C when the interpreter called it: a frame record with the interpreter's own. */
#define CFRAME_OF_CALL(at, words, i, old) ((words)[(i)-1] - CFRAME_RECORD(0, old))

/* Return addresses may be signed, in the bits above those that any address of this kernel has. */
#define RETURN_ADDRESS(word, mask) ((word) & (mask))

#else
#error "no rules for this architecture"
#endif
#endif
