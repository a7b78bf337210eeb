/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The user registers of a thread that was interrupted in the kernel. */
#ifndef ACUPOINT_TASK_REGS_H
#define ACUPOINT_TASK_REGS_H

/*
 * Set before the program is loaded: what the kernel lacks is dead code to its verifier. Relocations
 * would say the same, but for them libbpf reads the kernel's whole type information, 12 MB at the
 * peak.
 */
const volatile __u8 has_task_pt_regs = 1;
const volatile __u64 task_stack_offset = 0;
const volatile __u64 stack_regs_offset = 0;

/* Where the kernel's registers of the current thread begin; 0: not to be had. */
static __always_inline __u64 task_regs_at(void)
{
	__u64 stack;

	if (has_task_pt_regs)
		return bpf_task_pt_regs((void *)bpf_get_current_task_btf());
	/* Before 5.15: they are at the end of the task's kernel stack, more or less. */
	if (bpf_probe_read_kernel(&stack, sizeof(stack),
				  (void *)(bpf_get_current_task() + task_stack_offset)))
		return 0;
	return stack + stack_regs_offset;
}

static __always_inline long read_task_regs(struct user_regs *regs)
{
	__u64 at = task_regs_at();

	return at ? bpf_probe_read_kernel(regs, sizeof(*regs), (void *)at) : -1;
}

#endif
