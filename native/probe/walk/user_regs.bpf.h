/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a sample takes of the registers of the thread that was interrupted, wherever that was. */
#ifndef ACUPOINT_USER_REGS_BPF_H
#define ACUPOINT_USER_REGS_BPF_H

static __always_inline void take_regs(struct scratch *s, struct unwind_walk *native,
				      const struct user_regs *r)
{
	s->head.ip = REGS_IP(r);
	s->head.sp = REGS_SP(r);
	s->regs_base = REGS_BASE(r);
	s->regs_pc = REGS_PC(r);
	unwind_take(native, r);
}

/* Takes the registers with which the thread entered the kernel. Sets SAMPLE_NO_REGS where there are
 * none. */
static __always_inline void take_saved_regs(struct scratch *s, struct unwind_walk *native)
{
	s->head.flags |= SAMPLE_IN_KERNEL;
	if (read_task_regs(&s->saved) || (__s64)REGS_IP(&s->saved) < 0 || !REGS_SP(&s->saved))
		s->head.flags |= SAMPLE_NO_REGS;
	else
		take_regs(s, native, &s->saved);
}

/* True if the sample is in the kernel. SAMPLE_NO_REGS is set where no user registers were found. */
static __always_inline int take_user_regs(void *ctx, struct scratch *s, struct unwind_walk *native)
{
	const struct user_regs *now = ctx;

	if ((__s64)REGS_IP(now) >= 0) {
		take_regs(s, native, now);
		return 0;
	}
	take_saved_regs(s, native);
	return 1;
}

#endif
