/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Runs where a Lua VM's allocator begins: f(ud, ptr, osize, nsize), by lua_newstate's contract. It
 * counts what is asked for and takes the stack now and then. The sampler may interrupt it, so it is
 * loaded for itself, with scratch memory and a ring buffer of its own.
 */
#ifndef ACUPOINT_ALLOCATION_BPF_H
#define ACUPOINT_ALLOCATION_BPF_H

#include "instruments/allocations/allocation.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct allocation_watch);
} watches SEC(".maps");

static __always_inline __u64 next_gap(const struct allocation_watch *w)
{
	return (bpf_get_prandom_u32() & ((2ULL << (w->mean_shift & 31)) - 1)) + 1;
}

/* The bytes up to the last place that was passed. A block larger than some gaps has even ones. */
static __always_inline __u64 take_gaps(struct allocation_watch *w)
{
	__u64 mean = 1ULL << (w->mean_shift & 31), bytes = 0;
	int i;

	for (i = 0; i < 4 && w->passed >= w->gap; i++) {
		bytes += w->gap;
		w->passed -= w->gap;
		w->gap = next_gap(w);
	}
	if (w->passed >= w->gap) {
		bytes += w->passed & ~(mean - 1);
		w->passed &= mean - 1;
		w->gap = mean;
	}
	return bytes;
}

static __always_inline __u64 count_of(const struct allocation_watch *w)
{
	__u64 count = 0;

	if (w->counter)
		WALK_READ(&count, sizeof(count), w->counter);
	return count;
}

/* A step towards the median. */
static __always_inline void note_time(struct allocation_watch *w, __u64 now)
{
	__u64 step = (w->call_ns >> 6) + 1;

	if (w->last_ns)
		w->call_ns += now - w->last_ns > w->call_ns ? step : -step;
	w->last_ns = now;
}

static __always_inline void begin_counting(struct allocation_watch *w, __u64 count)
{
	w->counter_first = count;
	w->began_ns = bpf_ktime_get_ns();
	w->state = ALLOCATION_COUNTS;
}

static __always_inline void end_counting(struct allocation_watch *w, __u64 count)
{
	if (w->began_ns)
		w->counter_last = count;
	w->over_ns = bpf_ktime_get_ns();
	w->state = ALLOCATION_OVER;
}

/* Before its stretch, and until a request begins in it. */
static __always_inline void wait_to_count(struct allocation_watch *w)
{
	__u64 count;

	if (w->calls <= w->wait)
		return;
	count = count_of(w);
	if (!w->whole) {
		begin_counting(w, count);
	} else if (w->state == ALLOCATION_WAITS) {
		w->counter_first = count;
		w->state = ALLOCATION_BEGINS;
	} else if (w->calls > w->wait + w->most) {
		end_counting(w, count);
	} else if (count != w->counter_first) {
		begin_counting(w, count);
	}
}

/* Behind its stretch, or at the end of its time. */
static __always_inline void end_of_stretch(struct allocation_watch *w)
{
	__u64 count = count_of(w);

	if (!w->whole || w->calls > w->limit) {
		end_counting(w, count);
	} else if (w->state == ALLOCATION_COUNTS) {
		w->counter_last = count;
		w->state = ALLOCATION_ENDS;
	} else if (count != w->counter_last) {
		end_counting(w, count);
	}
}

/* Is this call one that the burst counts? */
static __always_inline int is_counted(struct allocation_watch *w)
{
	__u64 now;

	w->calls++;
	if (w->state == ALLOCATION_WAITS || w->state == ALLOCATION_BEGINS)
		wait_to_count(w);
	if (w->state != ALLOCATION_COUNTS && w->state != ALLOCATION_ENDS)
		return 0;
	now = bpf_ktime_get_ns();
	if (w->until ? now >= w->until : w->calls > w->wait + w->most)
		end_of_stretch(w);
	if (w->state == ALLOCATION_OVER)
		return 0;
	w->seen++;
	note_time(w, now);
	if (w->until)
		w->until += w->trap_ns;
	return 1;
}

SEC("kprobe")
int watch_allocation(struct user_regs *ctx)
{
	__u64 old_size = REGS_ARGUMENT_3(ctx), size = REGS_ARGUMENT_4(ctx), bytes, began, took;
	struct allocation_watch *w;
	__u32 zero = 0;

	w = bpf_map_lookup_elem(&watches, &zero);
	if (!w || !is_counted(w) || size <= old_size)
		return 0;
	size -= old_size;
	w->grown++;
	w->passed += size < ALLOCATION_MOST ? size : ALLOCATION_MOST;
	if (w->passed < w->gap)
		return 0;
	began = bpf_ktime_get_ns();
	bytes = take_gaps(w);
	w->taken++;
	if (take(ctx, SAMPLE_ALLOCATED, bytes, TAKE_USER)) {
		w->lost++;
		w->lost_bytes += bytes;
	}
	took = bpf_ktime_get_ns() - began;
	w->walk_ns += took;
	if (w->until)
		w->until += took;
	return 0;
}

#endif
