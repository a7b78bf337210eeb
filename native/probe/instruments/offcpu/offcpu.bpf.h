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

#include "instruments/away.bpf.h"
#include "instruments/offcpu/offcpu.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct offcpu_control);
} switch_control SEC(".maps");

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

	if (!s)
		return;
	away = note_leaving(s, &p, task, preempted, now);
	if (!away || is_idle(away))
		return;
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
