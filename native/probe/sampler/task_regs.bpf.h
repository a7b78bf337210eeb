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
const volatile __u64 stack_regs_offset = 0;

static __always_inline long read_task_regs(struct user_regs *regs)
{
	__u64 task, stack;

	if (has_task_pt_regs)
		return bpf_probe_read_kernel(
			regs, sizeof(*regs),
			(void *)bpf_task_pt_regs((void *)bpf_get_current_task_btf()));
	/* Before 5.15: they are at the end of the task's kernel stack, more or less. */
	task = bpf_get_current_task();
	if (bpf_probe_read_kernel(&stack, sizeof(stack), (void *)(task + task_stack_offset)))
		return -1;
	return bpf_probe_read_kernel(regs, sizeof(*regs), (void *)(stack + stack_regs_offset));
}

static __always_inline void take_regs(struct scratch *s, struct unwind_walk *native,
				      const struct user_regs *r)
{
	s->head.ip = REGS_IP(r);
	s->head.sp = REGS_SP(r);
	s->regs_base = REGS_BASE(r);
	s->regs_pc = REGS_PC(r);
	unwind_take(native, r);
}

/* True if the sample is in the kernel. SAMPLE_NO_REGS is set where no user registers were found. */
static __always_inline int take_user_regs(void *ctx, struct scratch *s, struct unwind_walk *native)
{
	const struct user_regs *now = ctx;

	if ((__s64)REGS_IP(now) >= 0) {
		take_regs(s, native, now);
		return 0;
	}
	s->head.flags |= SAMPLE_IN_KERNEL;
	if (read_task_regs(&s->saved) || (__s64)REGS_IP(&s->saved) < 0 || !REGS_SP(&s->saved))
		s->head.flags |= SAMPLE_NO_REGS;
	else
		take_regs(s, native, &s->saved);
	return 1;
}

#endif
