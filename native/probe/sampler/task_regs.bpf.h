/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The user registers of the thread that was interrupted, in user space or in the kernel. */
#ifndef ACUPOINT_TASK_REGS_H
#define ACUPOINT_TASK_REGS_H

struct task_struct {
	void *stack;
} __attribute__((preserve_access_index));

/* Chosen when the program is loaded: what the kernel lacks is dead code to its verifier. */
static __always_inline long read_task_regs(struct user_regs *regs)
{
	struct task_struct *task;
	__u64 end;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs)) {
		task = (void *)bpf_get_current_task_btf();
		return bpf_probe_read_kernel(regs, sizeof(*regs),
					     (void *)bpf_task_pt_regs((void *)task));
	}
	/* Before 5.15: they are at the end of the task's kernel stack. */
	task = (void *)bpf_get_current_task();
	end = (__u64)BPF_CORE_READ(task, stack) + KERNEL_STACK_SIZE - REGS_END_PADDING;
	return bpf_probe_read_kernel(regs, sizeof(*regs), (void *)(end - sizeof(*regs)));
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
