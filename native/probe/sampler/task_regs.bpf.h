/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The user registers of the thread that was interrupted, in user space or in the kernel. */
#ifndef ACUPOINT_TASK_REGS_H
#define ACUPOINT_TASK_REGS_H

/*
 * Set before the program is loaded: what the kernel lacks is dead code to its verifier. Relocations
 * would say the same, but for them libbpf reads the kernel's whole type information, 12 MB at the
 * peak.
 */
const volatile __u8 has_task_pt_regs = 1;
const volatile __u64 task_stack_offset = 0;

static __always_inline long read_task_regs(struct user_regs *regs)
{
	__u64 task, stack;

	if (has_task_pt_regs)
		return bpf_probe_read_kernel(
			regs, sizeof(*regs),
			(void *)bpf_task_pt_regs((void *)bpf_get_current_task_btf()));
	/* Before 5.15: they are at the end of the task's kernel stack. */
	task = bpf_get_current_task();
	if (bpf_probe_read_kernel(&stack, sizeof(stack), (void *)(task + task_stack_offset)))
		return -1;
	return bpf_probe_read_kernel(
		regs, sizeof(*regs),
		(void *)(stack + KERNEL_STACK_SIZE - REGS_END_PADDING - sizeof(*regs)));
}

/* True if the sample is in the kernel. SAMPLE_NO_REGS is set where no user registers were found. */
static __always_inline int take_user_regs(void *ctx, struct sample *head, __u64 *base, __u64 *pc,
					  struct unwind_walk *native)
{
	struct user_regs *now = ctx, saved;

	if ((__s64)REGS_IP(now) >= 0) {
		head->ip = REGS_IP(now);
		head->sp = REGS_SP(now);
		*base = REGS_BASE(now);
		*pc = REGS_PC(now);
		unwind_take(native, now);
		return 0;
	}
	head->flags |= SAMPLE_IN_KERNEL;
	if (read_task_regs(&saved) || (__s64)REGS_IP(&saved) < 0 || !REGS_SP(&saved)) {
		head->flags |= SAMPLE_NO_REGS;
		return 1;
	}
	head->ip = REGS_IP(&saved);
	head->sp = REGS_SP(&saved);
	*base = REGS_BASE(&saved);
	*pc = REGS_PC(&saved);
	unwind_take(native, &saved);
	return 1;
}

#endif
