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

/* What a program must be loaded for to stand behind a link: BPF_TRACE_UPROBE_MULTI. */
enum { TRAP_LINK_TYPE = 48 };

/* Puts a BPF program there, as granted_trap() says, which asks for it. */
int trap_place(enum trap_kind kind, pid_t pid, int fd, uint64_t offset, int program);

/* By trying it out on the probe itself; 0 or -errno. Takes some milliseconds. */
int trap_measure(enum trap_kind kind, uint64_t *ns);

#endif
