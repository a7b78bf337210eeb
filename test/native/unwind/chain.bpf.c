// SPDX-License-Identifier: MIT OR GPL-2.0
/* Samples one process and reports its native stacks, by the unwinder alone: no Lua. */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "walk/arch.h"
#include "walk/sample.h"

#define WALK_READ(dst, size, address)                                                              \
	bpf_probe_read_user((dst), (size), (const void *)(unsigned long)(address))
#include "walk/unwind.bpf.h"
#include "walk/task_regs.bpf.h"
#include "chain.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

volatile __u32 space = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} chains SEC(".maps");

SEC("perf_event")
int sample_chain(void *ctx)
{
	__u64 began = bpf_ktime_get_ns();
	struct unwind_scratch *s = unwind_scratch();
	struct user_regs *now = ctx, saved;
	struct chain *out;
	int i;

	if (!s)
		return 0;
	if ((__s64)REGS_IP(now) >= 0) {
		unwind_take(&s->walk, now);
	} else {
		if (read_task_regs(&saved))
			return 0;
		unwind_take(&s->walk, &saved);
	}
	if (!unwind_begin(s, space))
		return 0;
	for (i = 0; i < UNWIND_FRAMES / UNWIND_FRAMES_PER_CALL + 1; i++) {
		if (unwind_frames(UNWIND_FRAMES))
			break;
	}
	out = bpf_ringbuf_reserve(&chains, sizeof(*out), 0);
	if (!out)
		return 0;
	out->pid = bpf_get_current_pid_tgid() >> 32;
	out->tid = (__u32)bpf_get_current_pid_tgid();
	out->state = s->walk.state;
	out->frames = s->frames;
	__builtin_memcpy(out->frame, s->frame, sizeof(out->frame));
	out->run_ns = bpf_ktime_get_ns() - began;
	bpf_ringbuf_submit(out, BPF_RB_NO_WAKEUP);
	return 0;
}
