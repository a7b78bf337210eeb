/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Watches iterations of event loops. One begins when the worker comes back from the wait for
 * events, which sched_switch shows where it slept, and ends when it goes there again, which a
 * uprobe shows, or sched_switch where none stands. Where neither shows it, nginx's clock, which it
 * reads in each iteration, tells at least that one still lasts. Of long ones stacks are taken: by
 * a clock of CPU time, and where the thread leaves its CPU.
 */
#ifndef ACUPOINT_LOOP_BPF_H
#define ACUPOINT_LOOP_BPF_H

#include "instruments/away.bpf.h"
#include "instruments/loop/loop_turn.h"

/* nginx's clock has milliseconds. */
#define CLOCK_STEP_NS 1000000ULL
/* A place from which threads are away for so long at times is walked from each time. */
#define LONG_AWAY_NS 1000000
/* Others as often as this allows. */
#define WALK_EACH_NS 8000000ULL
#define WALKS_SAVED_NS (32 * WALK_EACH_NS)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, LOOP_PROCESSES);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct loop);
} loops SEC(".maps");

/* From pid to index. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LOOP_PROCESSES);
	__type(key, __u32);
	__type(value, __u32);
} loop_places SEC(".maps");

static __always_inline struct loop *loop_of(__u32 pid)
{
	__u32 *place = bpf_map_lookup_elem(&loop_places, &pid);

	return place ? bpf_map_lookup_elem(&loops, place) : 0;
}

static __always_inline int is_exact(const struct loop *l)
{
	return (l->epoch & 1) && l->exact == l->epoch;
}

/* Not inlined: what it has on its stack must not lie below that of a walk. */
static __attribute__((noinline)) int report(struct loop *l, __u32 pid, __u32 kind, __u64 since,
					    __u64 until)
{
	struct loop_event event = {.pid = pid, .kind = kind, .since = since, .until = until};

	if (!l)
		return 0;
	event.began = l->began;
	if (bpf_ringbuf_output(&samples, &event, sizeof(event), BPF_RB_NO_WAKEUP))
		l->lost++;
	return 0;
}

/* As table_bucket_of() of the model, for short times. */
static __always_inline __u32 bucket_of(__u32 us)
{
	__u32 shift = 0;
	int i;

#pragma unroll
	for (i = 1; i <= 5; i++)
		if (us >> (i + 5))
			shift = i;
	return (shift * 32 + (us >> shift)) & (LOOP_BUCKETS - 1);
}

/* The iteration ends. */
static __always_inline void end_turn(struct loop *l, __u32 pid, __u64 until, __u32 kind)
{
	__u64 ns = until - l->began;
	struct loop_bucket *b;

	if (ns < LOOP_SHORT_US * 1000) {
		if (kind != LOOP_ENDED)
			return;
		b = &l->shorter[bucket_of((__u32)ns / 1000)];
		b->count++;
		b->ns += ns;
		return;
	}
	if (kind != LOOP_ENDED && ns < LOOP_STALL_NS)
		return;
	report(l, pid, kind, l->began, until);
}

/*
 * Where no uprobe stands: nginx has read its clock since the iteration began, so that another runs,
 * more or less. The one before is a stall only if it was seen to be as long as one.
 */
static __attribute__((noinline)) int look_at_clock(struct loop *l, __u32 pid, __u64 now)
{
	__u64 ms, since;

	if (!l || !l->began || is_exact(l))
		return 0;
	/* Then nobody knows what runs. */
	if (!l->clock) {
		l->began = 0;
		return 0;
	}
	if (bpf_probe_read_user(&ms, sizeof(ms), (void *)l->clock))
		return 0;
	since = ms * CLOCK_STEP_NS;
	if (since > now || since < l->began + CLOCK_STEP_NS)
		return 0;
	if (l->seen > l->began && l->seen - l->began >= LOOP_STALL_NS)
		end_turn(l, pid, since > l->seen ? since : l->seen, LOOP_STALLED);
	l->began = since;
	return 0;
}

static __always_inline int is_due(const struct loop *l, __u64 now)
{
	__u64 age = now - l->began;

	return l->began && now > l->began && age >= LOOP_SAMPLE_AFTER_NS &&
	       (l->sampled < l->began || now - l->sampled >= age / LOOP_SAMPLE_PART);
}

/* How long it will be away is not known yet, only how long it mostly was. */
static __always_inline int wants_stack(struct loop *l, const struct away *away, __u64 now)
{
	struct place *p, first = {.usual = 0};

	if (!l->began)
		return 0;
	if (away->state == AWAY_READY)
		return is_due(l, now);
	p = bpf_map_lookup_elem(&places_known, &away->place);
	if (!p)
		bpf_map_update_elem(&places_known, &away->place, &first, BPF_ANY);
	else if (p->usual >= LONG_AWAY_NS)
		return 1;
	if (l->paid + WALKS_SAVED_NS < now)
		l->paid = now - WALKS_SAVED_NS;
	if (l->paid + WALK_EACH_NS > now)
		return 0;
	l->paid += WALK_EACH_NS;
	return 1;
}

/* Not inlined, as what comes back in offcpu.bpf.h. */
static __attribute__((noinline)) int loop_comes_back(__u64 task, __u64 now)
{
	struct away *away = bpf_map_lookup_elem(&threads_away, &task);
	struct loop *l;

	if (!away)
		return 0;
	l = loop_of(away->pid);
	if (l && is_loop_wait(away->call)) {
		if (is_idle(away))
			l->idle_ns += now - away->since;
		l->idle_since = 0;
		l->began = l->seen = now;
	} else if (l) {
		/* It has been in the same iteration all the time. */
		l->seen = now;
		if (away->place)
			note_away(away->place, now - away->since);
		if (l->began && (away->taken || now - away->since >= LOOP_AWAY_LEAST_NS))
			report(l, away->pid, away->state == AWAY_READY ? LOOP_QUEUED : LOOP_AWAY,
			       away->since, now);
	}
	bpf_map_delete_elem(&threads_away, &task);
	return 0;
}

/*
 * It waits for events, or has no CPU on its way there or back. A uprobe has told already that the
 * iteration ends.
 */
static __always_inline void wait_for_events(struct loop *l, const struct away *away, __u64 now)
{
	__u32 pid = away->pid;

	look_at_clock(l, pid, now);
	if (l->began && now > l->began && !is_exact(l))
		end_turn(l, pid, now, LOOP_STALLED);
	l->began = 0;
	if (is_idle(away))
		l->idle_since = now;
}

static __always_inline void loop_leaves(void *ctx, __u64 task, int preempted, __u64 now)
{
	struct scratch *s = scratch();
	struct sampled_process *p;
	struct away *away;
	struct loop *l;

	if (!s)
		return;
	away = note_leaving(s, &p, task, preempted, now);
	l = away ? loop_of(away->pid) : 0;
	if (!l)
		return;
	if (is_loop_wait(away->call)) {
		wait_for_events(l, away, now);
	} else {
		look_at_clock(l, away->pid, now);
		l->seen = now;
		if (away->state != AWAY_READY)
			away->place = place_of(s, p, away->state);
		if (wants_stack(l, away, now)) {
			l->sampled = now;
			report(l, away->pid, LOOP_LOOKED, now, now);
			away->taken = take(ctx, SAMPLE_LOOP, now, TAKE_KERNEL) ? 2 : 1;
		}
	}
	bpf_map_update_elem(&threads_away, &task, away, BPF_ANY);
}

SEC("raw_tp/sched_switch")
int watch_loop(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 now = bpf_ktime_get_ns(), prev = ctx->args[1], next = ctx->args[2];
	struct sampler_counts *c;
	__u32 zero = 0;

	c = bpf_map_lookup_elem(&counts, &zero);
	if (!c)
		return 0;
	loop_comes_back(next, now);
	loop_leaves(ctx, prev, ctx->args[0] & 1, now);
	c->run_ns += bpf_ktime_get_ns() - now;
	return 0;
}

/* Behind a clock of the main thread's CPU time. It walks only in an iteration that is long. */
SEC("perf_event")
int sample_loop(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct sampler_counts *c;
	__u32 pid, tid, zero = 0;
	struct loop *l;

	c = bpf_map_lookup_elem(&counts, &zero);
	current_ids(&pid, &tid);
	l = loop_of(pid);
	if (!c || !l || pid != tid)
		return 0;
	look_at_clock(l, pid, now);
	l->seen = now;
	if (is_due(l, now)) {
		l->sampled = now;
		report(l, pid, LOOP_LOOKED, now, now);
		c->lost += take(ctx, SAMPLE_LOOP, now, TAKE_INTERRUPTED) < 0;
	}
	c->run_ns += bpf_ktime_get_ns() - now;
	return 0;
}

/* Behind ngx_process_events_and_timers(): an iteration ends, and the next begins or waits. */
SEC("kprobe")
int turn_loop(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 pid, tid;
	struct loop *l;

	(void)ctx;
	current_ids(&pid, &tid);
	l = loop_of(pid);
	if (!l || pid != tid)
		return 0;
	l->hits++;
	if (!(l->epoch & 1))
		return 0;
	if (is_exact(l) && l->began && now > l->began)
		end_turn(l, pid, now, LOOP_ENDED);
	l->exact = l->epoch;
	l->began = l->seen = now;
	return 0;
}

#endif
