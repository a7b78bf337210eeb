/* SPDX-License-Identifier: MIT */
/* How the BPF program finds the user registers of a thread that it interrupted in the kernel. */
#ifndef ACUPOINT_TASK_REGS_USER_H
#define ACUPOINT_TASK_REGS_USER_H

#include <stdbool.h>
#include <stdint.h>

struct task_regs {
	bool has_helper;       /* bpf_task_pt_regs, from 5.15 on */
	uint64_t stack_offset; /* of task_struct.stack, where there is no helper */
};

/* 0, or -errno where this kernel offers neither way. */
int task_regs_find(struct task_regs *out);

#endif
