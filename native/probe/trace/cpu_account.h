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
#include <sys/types.h>

/* Looks are about a second apart. */
enum { ACCOUNT_WINDOW = 10 };

struct cpu_interval {
	uint64_t used_us, sampled_us;
};

struct cpu_account {
	struct cpu_source {
		pid_t pid;
		uint64_t ticks;	     /* at the last look */
		uint64_t sampled_us; /* since then */
	} * sources;
	size_t count, capacity;
	/* Over the intervals at both ends of which a process was there. */
	struct cpu_interval all;
	struct cpu_interval window[ACCOUNT_WINDOW]; /* the last ones, in a circle */
	uint32_t looks;
};

/* Begins to account for a process. */
void cpu_account_add(struct cpu_account *a, pid_t pid);
/* What was sampled of it since the last look is left out, as what it used is not known any more. */
void cpu_account_remove(struct cpu_account *a, pid_t pid);
/* One sample of it stood for so much. */
void cpu_account_sample(struct cpu_account *a, pid_t pid, uint32_t period_us);
/* Asks the kernel; one file for each process. */
void cpu_account_look(struct cpu_account *a);
/*
 * How many times its period a sample stands for, over the last looks: 1 where the two agree within
 * what they can tell, which is a sample of each process and a tick of the kernel's.
 */
double cpu_account_weight(const struct cpu_account *a, uint32_t period_us);
void cpu_account_free(struct cpu_account *a);

#endif
