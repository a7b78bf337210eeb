/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Samples CPU time: runs behind the CPU clock of each thread. */
#ifndef ACUPOINT_CPU_BPF_H
#define ACUPOINT_CPU_BPF_H

SEC("perf_event")
int sample_thread(void *ctx)
{
	__u64 began = bpf_ktime_get_ns();
	struct sampler_counts *c;
	__u32 zero = 0;
	int taken;

	c = bpf_map_lookup_elem(&counts, &zero);
	if (!c)
		return 0;
	taken = take(ctx, SAMPLE_CPU, 0, TAKE_INTERRUPTED);
	if (taken > 0)
		return 0;
	c->lost += taken < 0;
	c->run_ns += bpf_ktime_get_ns() - began;
	return 0;
}

#endif
