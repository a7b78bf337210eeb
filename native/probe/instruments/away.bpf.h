/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Notes threads that leave their CPU until they are back, and how long they are away from each
 * place, as a rule: for programs behind sched_switch.
 */
#ifndef ACUPOINT_AWAY_BPF_H
#define ACUPOINT_AWAY_BPF_H

#include "instruments/away.h"

#define THREADS_AWAY 1024
#define PLACES_KNOWN 4096

/* Set before the program is loaded: where task_struct keeps its state. */
const volatile __u64 task_state_offset = 0;

struct away {
	__u64 since, place;
	__u32 pid, tid;
	__s32 call;
	__u32 state, shift, taken;
};

/* By address of the task. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, THREADS_AWAY);
	__type(key, __u64);
	__type(value, struct away);
} threads_away SEC(".maps");

/* Notes on a thread, taken before its stack is walked: the walk leaves no room for it beside its
 * own on 5.10. Interrupts are off where threads are switched. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct away);
} leaving SEC(".maps");

/*
 * Times away from one place are taken in rows of 2^shift. One of each row is sampled; chance says
 * which, so that no load beats with it.
 */
struct place {
	__u32 usual; /* ns, more or less the longest */
	/* Of the row that runs: its length, how many it had, which is sampled. */
	__u8 shift, count, sampled, pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PLACES_KNOWN);
	__type(key, __u64);
	__type(value, struct place);
} places_known SEC(".maps");

/* The system call that the current thread is in. */
static __always_inline __s32 current_call(const struct user_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (__s32)regs->orig_ax;
#else
	__s32 call = AWAY_NO_CALL;

	/* It stands behind orig_x0: struct pt_regs in arch/arm64/include/asm/ptrace.h. */
	bpf_probe_read_kernel(&call, sizeof(call), (void *)(task_regs_at() + sizeof(*regs) + 8));
	return call;
#endif
}

static __always_inline int is_loop_wait(__s32 call)
{
	return call == CALL_EPOLL_WAIT || call == CALL_EPOLL_PWAIT || call == CALL_EPOLL_PWAIT2;
}

/* One long time after many short ones must not be missed the next time. */
static __always_inline void note_away(__u64 key, __u64 ns)
{
	struct place *p = bpf_map_lookup_elem(&places_known, &key);
	__u32 now = ns > 0x7fffffff ? 0x7fffffff : (__u32)ns;

	if (p)
		p->usual = now > p->usual ? now : p->usual - p->usual / 8 + now / 8;
}

/*
 * Where the thread is, as far as it can be told cheaply: where in native code, how deep, and where
 * the Lua function that it runs was called.
 */
static __always_inline __u64 place_of(struct scratch *s, const struct sampled_process *p,
				      __u32 state)
{
	__u64 place = REGS_IP(&s->saved) * 31 + REGS_SP(&s->saved), lua, base, link;

	place = place * 31 + state + ((__u64)s->head.pid << 40);
	if (p->vms && !p->vm[0].gc32 && !WALK_READ(&lua, 8, p->vm[0].global + p->vm[0].cur_l) &&
	    !WALK_READ(&base, 8, lua + __builtin_offsetof(struct lua_head, base)) &&
	    !WALK_READ(&link, 8, base - 8))
		place = place * 31 + link;
	return place;
}

/*
 * Notes that a process's main thread leaves. NULL: it is another thread, or nobody watches it. Its
 * place is not known yet.
 */
static __always_inline struct away *note_leaving(struct scratch *s, struct sampled_process **p,
						 __u64 task, int preempted, __u64 now)
{
	__u32 zero = 0;
	struct away *away = bpf_map_lookup_elem(&leaving, &zero);

	if (!away)
		return 0;
	*p = current_process(s);
	if (!*p || s->head.pid != s->head.tid)
		return 0;
	if (bpf_probe_read_kernel(&away->state, sizeof(away->state),
				  (void *)(task + task_state_offset)) ||
	    (away->state & AWAY_DEAD) || read_task_regs(&s->saved))
		return 0;
	away->since = now;
	away->place = 0;
	away->shift = away->taken = 0;
	away->call = current_call(&s->saved);
	if (preempted)
		away->state = AWAY_READY;
	away->pid = s->head.pid;
	away->tid = s->head.tid;
	return away;
}

/* It waits for events, as a worker without work does. */
static __always_inline int is_idle(const struct away *away)
{
	return away->state != AWAY_READY && is_loop_wait(away->call);
}

#endif
