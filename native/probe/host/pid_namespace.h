/* SPDX-License-Identifier: MIT */
/* Which pids a BPF program must ask the kernel for, as walk/current.bpf.h has it. */
#ifndef ACUPOINT_PID_NAMESPACE_H
#define ACUPOINT_PID_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Both 0 where this process is in the initial namespace, or where it cannot be told. */
struct pid_namespace {
	uint64_t device, inode;
};

struct pid_namespace pid_namespace_own(void);

/* Is a process in a pid namespace below ours, such as a container's in a container? */
bool pid_namespace_below(pid_t pid);

#endif
