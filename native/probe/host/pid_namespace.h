/* SPDX-License-Identifier: MIT */
/* Which pids a BPF program must ask the kernel for, as walk/current.bpf.h has it. */
#ifndef ACUPOINT_PID_NAMESPACE_H
#define ACUPOINT_PID_NAMESPACE_H

#include <stdint.h>

/* Both 0 where this process is in the initial namespace, or where it cannot be told. */
struct pid_namespace {
	uint64_t device, inode;
};

struct pid_namespace pid_namespace_own(void);

#endif
