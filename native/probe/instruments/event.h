/* SPDX-License-Identifier: MIT */
/* The perf events that sample a thread by the CPU time that it uses. */
#ifndef ACUPOINT_EVENT_H
#define ACUPOINT_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum event_kind {
	EVENT_CLOCK,	 /* for a BPF program behind it */
	EVENT_RING,	 /* with registers and a piece of the stack, for a ring of its own */
	EVENT_RING_USER, /* the same, blind for what happens in the kernel */
	EVENT_LOOP,	 /* as EVENT_CLOCK, for the program that watches loops */
	EVENT_KINDS,
};

/* Registers of a sample in a ring: x86-64 ax bx cx dx si di bp sp ip flags cs ss, r8 to r15; arm64
 * x0 to x30, sp, pc. */
#if defined(__x86_64__)
#define EVENT_REGISTERS 20
#else
#define EVENT_REGISTERS 33
#endif

/*
 * An event of `tid`, not enabled. `program`: a BPF program to stand behind it; -1: none. A
 * descriptor or -errno.
 */
int event_open(enum event_kind kind, pid_t tid, uint64_t period_ns, int program);

/* May this process have such events now, in the kernel's code too unless `only_user`? */
bool event_try(bool only_user);
/* As the first call found: later the process may have given up its privileges. */
bool event_allowed(bool only_user);

#endif
