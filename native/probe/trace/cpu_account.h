/* SPDX-License-Identifier: MIT */
/*
 * Holds what samples stand for against the CPU time that the kernel's scheduler counted for the
 * same processes. The two part where the kernel takes fewer samples than it was asked for
 * (perf_event_max_sample_rate, throttling, a hypervisor's steal, interrupts that are off), and
 * where a sampler misses threads.
 */
#ifndef ACUPOINT_CPU_ACCOUNT_H
#define ACUPOINT_CPU_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

struct process;

/* Looks are about a second apart. */
enum { ACCOUNT_WINDOW = 10 };

struct cpu_account {
	uint64_t sampled_us; /* since the trace began, by the period alone */
	struct cpu_interval {
		uint64_t used_us, sampled_us;
	} window[ACCOUNT_WINDOW]; /* the last looks, in a circle */
	uint32_t looks;
};

/* A sample of the process stood for so much. */
void cpu_account_sample(struct cpu_account *a, struct process *p, uint32_t period_us);
/*
 * Takes in what each process used and was sampled for since the last look. One that ended in
 * between is left out with both, since nobody knows what it used in the end.
 */
void cpu_account_look(struct cpu_account *a, struct process *const *processes, size_t count);
/*
 * How many times its period a sample stands for, over the last looks: 1 where the two agree within
 * what so many processes leave open, which is two samples of each.
 */
double cpu_account_weight(const struct cpu_account *a, size_t processes, uint32_t period_us);

#endif
