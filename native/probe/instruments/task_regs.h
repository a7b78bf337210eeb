/* SPDX-License-Identifier: MIT */
/* How the BPF program finds the user registers of a thread that it interrupted in the kernel. */
#ifndef ACUPOINT_TASK_REGS_USER_H
#define ACUPOINT_TASK_REGS_USER_H

#include <stdbool.h>
#include <stdint.h>

struct task_regs {
	bool has_helper; /* bpf_task_pt_regs, from 5.15 on */
	/* Where there is no helper: of task_struct.stack, and of the registers in that stack. */
	uint64_t stack_offset, regs_offset;
};

/*
 * The bits that addresses of a process have on this kernel. The bits above may hold the signature
 * of a return address.
 */
uint64_t user_address_mask(void);

/* 0, or -errno where this kernel offers neither way. */
int task_regs_find(struct task_regs *out);

/* Where task_struct keeps the state of a thread. 0 or -errno. */
int task_state_find(uint64_t *offset);

#endif
