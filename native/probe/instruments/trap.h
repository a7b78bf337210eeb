/* SPDX-License-Identifier: MIT */
/* A uprobe on a process, and what one hit of it costs that process. */
#ifndef ACUPOINT_TRAP_H
#define ACUPOINT_TRAP_H

#include <stdint.h>
#include <sys/types.h>

/*
 * By a link of its own (Linux 6.6 or newer), which takes the uprobe out as soon as it is closed, or
 * by a perf event. From 6.13 on (and where that was brought to older ones) the kernel takes the
 * program from an event that is closed, waits for all CPUs, some 50 ms, and only then takes out the
 * uprobe: until then a hit costs the same, and nobody counts it.
 */
enum trap_kind { TRAP_LINK, TRAP_EVENT };

/* The program that a hit runs. */
enum trap_program {
	TRAP_ALLOCATION,
	TRAP_REQUEST_BEGINS,
	TRAP_REQUEST_ENDS,
	TRAP_REQUEST_POSTED,
	TRAP_REQUEST_PART_ENDS,
	TRAP_ERROR,
	TRAP_LOOP,
	TRAP_PROGRAMS,
};

/* The attach type a program must be loaded with to stand behind a link: BPF_TRACE_UPROBE_MULTI. */
enum { TRAP_LINK_TYPE = 48 };

/* Puts a BPF program there, as granted_trap() says, which asks for it. */
int trap_place(enum trap_kind kind, pid_t pid, int fd, uint64_t offset, int program);

/*
 * How the kernel executes the instruction that a uprobe stands on: by itself, as it does x86-64's
 * push and nop, or by a step out of line, which takes several times as long.
 */
enum trap_step { TRAP_STEPPED, TRAP_EMULATED };

/*
 * Measures the cost of a hit of such a program on the probe itself, which it must not know
 * as one of its processes; 0 or -errno. Takes some milliseconds.
 */
int trap_measure(enum trap_program program, enum trap_kind kind, enum trap_step step, uint64_t *ns);

#endif
