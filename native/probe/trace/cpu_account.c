/* SPDX-License-Identifier: MIT */
#include "trace/cpu_account.h"

#include <string.h>

#include "naming/process.h"

#define AGREEMENT 0.02
/* Of less CPU time nothing is said. */
#define LEAST_USED_US 500000
/* A difference no larger than this has to last for some looks: attaching has moments of its own. */
#define SMALL 0.1
#define LOOKS_OF_SMALL 5
/* Beyond these it is no weight but a fault: of a sampler that sees none of the threads, say. */
#define LEAST_WEIGHT 0.25
#define MOST_WEIGHT 50.0

void cpu_account_sample(struct cpu_account *a, struct process *p, uint32_t period_us)
{
	p->sampled_us += period_us;
	a->sampled_us += period_us;
}

void cpu_account_look(struct cpu_account *a, struct process *const *processes, size_t count)
{
	struct cpu_interval *now = &a->window[a->looks++ % ACCOUNT_WINDOW];

	memset(now, 0, sizeof(*now));
	for (size_t i = 0; i < count; i++) {
		struct process *p = processes[i];

		now->used_us += (p->cpu_ns - p->cpu_held_ns) / 1000;
		now->sampled_us += p->sampled_us;
		p->cpu_held_ns = p->cpu_ns;
		p->sampled_us = 0;
	}
}

double cpu_account_weight(const struct cpu_account *a, size_t processes, uint32_t period_us)
{
	double used = 0, sampled = 0, apart, unsure, weight;

	for (size_t i = 0; i < ACCOUNT_WINDOW; i++) {
		used += (double)a->window[i].used_us;
		sampled += (double)a->window[i].sampled_us;
	}
	if (used < LEAST_USED_US || sampled <= 0)
		return 1;
	apart = used > sampled ? used - sampled : sampled - used;
	unsure = (double)processes * 2 * (double)period_us;
	if (apart <= used * AGREEMENT + unsure ||
	    (apart <= used * SMALL && a->looks < LOOKS_OF_SMALL))
		return 1;
	weight = used / sampled;
	return weight < LEAST_WEIGHT ? LEAST_WEIGHT : weight > MOST_WEIGHT ? MOST_WEIGHT : weight;
}
