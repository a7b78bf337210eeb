/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Watches the main thread of traced processes leave the CPU and come back. In the wait of the event
 * loop it is idle, which is not counted; else it is blocked, or ready and without a CPU. The stack
 * is taken when it leaves, since only then it is the current one. How long it will stay away is not
 * known yet: of short times, as it was mostly short from the same place, only some are sampled, by
 * chance, and stand for the others.
 */
#ifndef ACUPOINT_OFFCPU_BPF_H
#define ACUPOINT_OFFCPU_BPF_H

#include "instruments/offcpu/offcpu.h"

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

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct offcpu_control);
} switch_control SEC(".maps");

/* The system call that the current thread is in. */
static __always_inline __s32 current_call(const struct user_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
	return (__s32)regs->orig_ax;
#else
	__s32 call = OFFCPU_NO_CALL;

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

static __always_inline void begin_row(struct place *p, __u32 quantum)
{
	int i;

	p->shift = 0;
#pragma unroll
	for (i = 1; i <= OFFCPU_MOST_SHIFT; i++)
		if (p->usual < OFFCPU_ALWAYS_NS && quantum >> i >= p->usual)
			p->shift = i;
	p->count = 0;
	p->sampled = bpf_get_prandom_u32() & ((1u << (p->shift & 7)) - 1);
}

/* True if this time is sampled. A place that is not known yet is. */
static __always_inline int is_sampled(__u64 key, __u32 quantum, __u32 *shift)
{
	struct place *p = bpf_map_lookup_elem(&places_known, &key), first = {.usual = 0x7fffffff};
	int sampled;

	*shift = 0;
	if (!p) {
		bpf_map_update_elem(&places_known, &key, &first, BPF_ANY);
		return 1;
	}
	if (p->count >> (p->shift & 7))
		begin_row(p, quantum);
	sampled = p->count == p->sampled;
	*shift = p->shift;
	p->count++;
	return sampled;
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
 * Not inlined: what it has on its stack must not lie below that of a walk, which is as deep as a
 * program may be on 5.10.
 */
static __attribute__((noinline)) int come_back(__u64 task, __u64 now,
					       struct offcpu_control *control)
{
	struct away *away = bpf_map_lookup_elem(&threads_away, &task);
	struct offcpu_event event;

	if (!away)
		return 0;
	event = (struct offcpu_event){
		.pid = away->pid,
		.tid = away->tid,
		.since = away->since,
		.until = now,
		.call = away->call,
		.state = away->state,
		.shift = away->shift,
		.taken = away->taken,
	};
	note_away(away->place, now - away->since);
	bpf_map_delete_elem(&threads_away, &task);
	if (bpf_ringbuf_output(&samples, &event, sizeof(event), BPF_RB_NO_WAKEUP))
		__sync_fetch_and_add(&control->lost, 1);
	return 0;
}

static __always_inline void go_away(void *ctx, __u64 task, int preempted, __u64 now,
				    struct offcpu_control *control)
{
	struct scratch *s = scratch();
	struct sampled_process *p;
	struct away *away;
	__u32 zero = 0;

	away = bpf_map_lookup_elem(&leaving, &zero);
	if (!s || !away)
		return;
	p = current_process(s);
	if (!p || s->head.pid != s->head.tid)
		return;
	if (bpf_probe_read_kernel(&away->state, sizeof(away->state),
				  (void *)(task + task_state_offset)) ||
	    (away->state & OFFCPU_DEAD) || read_task_regs(&s->saved))
		return;
	away->since = now;
	away->shift = away->taken = 0;
	away->call = current_call(&s->saved);
	if (preempted)
		away->state = OFFCPU_READY;
	if (away->state != OFFCPU_READY && is_loop_wait(away->call))
		return;
	away->pid = s->head.pid;
	away->tid = s->head.tid;
	away->place = place_of(s, p, away->state);
	if (is_sampled(away->place, control->quantum, &away->shift))
		away->taken = take(ctx, SAMPLE_OFFCPU, now, TAKE_KERNEL) ? 2 : 1;
	bpf_map_update_elem(&threads_away, &task, away, BPF_ANY);
}

SEC("raw_tp/sched_switch")
int watch_switches(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 now = bpf_ktime_get_ns(), prev = ctx->args[1], next = ctx->args[2];
	struct offcpu_control *control;
	struct sampler_counts *c;
	__u32 zero = 0;

	control = bpf_map_lookup_elem(&switch_control, &zero);
	c = bpf_map_lookup_elem(&counts, &zero);
	if (!control || !c)
		return 0;
	come_back(next, now, control);
	go_away(ctx, prev, ctx->args[0] & 1, now, control);
	c->run_ns += bpf_ktime_get_ns() - now;
	return 0;
}

#endif
