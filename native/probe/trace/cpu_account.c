/* SPDX-License-Identifier: MIT */
#include "trace/cpu_account.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/array.h"
#include "host/procfs.h"

#define AGREEMENT 0.02
/* Of less CPU time nothing is said. */
#define LEAST_USED_US 500000
/* What is no more apart than this has to be so for some looks: attaching has moments of its own. */
#define SMALL 0.1
#define LOOKS_OF_SMALL 5
/* Beyond these it is no weight but a fault: of a sampler that sees none of the threads, say. */
#define LEAST_WEIGHT 0.25
#define MOST_WEIGHT 50.0

static uint64_t tick_us(void)
{
	static uint64_t us;

	if (!us)
		us = 1000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	return us;
}

static struct cpu_source *source_of(const struct cpu_account *a, pid_t pid)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->sources[i].pid == pid)
			return &a->sources[i];
	return NULL;
}

void cpu_account_add(struct cpu_account *a, pid_t pid)
{
	struct proc_stat stat;

	if (source_of(a, pid) || proc_stat(pid, &stat) ||
	    !array_reserve(a->sources, a->capacity, a->count + 1, 8))
		return;
	a->sources[a->count++] = (struct cpu_source){.pid = pid, .ticks = stat.cpu_ticks};
}

void cpu_account_remove(struct cpu_account *a, pid_t pid)
{
	struct cpu_source *source = source_of(a, pid);

	if (source)
		*source = a->sources[--a->count];
}

void cpu_account_sample(struct cpu_account *a, pid_t pid, uint32_t period_us)
{
	struct cpu_source *source = source_of(a, pid);

	if (source)
		source->sampled_us += period_us;
}

void cpu_account_look(struct cpu_account *a)
{
	struct cpu_interval *now = &a->window[a->looks++ % ACCOUNT_WINDOW];
	struct proc_stat stat;

	memset(now, 0, sizeof(*now));
	for (size_t i = 0; i < a->count; i++) {
		struct cpu_source *source = &a->sources[i];

		if (!proc_stat(source->pid, &stat) && stat.cpu_ticks >= source->ticks) {
			now->used_us += (stat.cpu_ticks - source->ticks) * tick_us();
			now->sampled_us += source->sampled_us;
			source->ticks = stat.cpu_ticks;
		}
		source->sampled_us = 0;
	}
	a->all.used_us += now->used_us;
	a->all.sampled_us += now->sampled_us;
}

double cpu_account_weight(const struct cpu_account *a, uint32_t period_us)
{
	double used = 0, sampled = 0, apart, unsure, weight;

	for (size_t i = 0; i < ACCOUNT_WINDOW; i++) {
		used += (double)a->window[i].used_us;
		sampled += (double)a->window[i].sampled_us;
	}
	if (used < LEAST_USED_US || sampled <= 0)
		return 1;
	apart = used > sampled ? used - sampled : sampled - used;
	unsure = (double)a->count * 2 * (double)(period_us + tick_us());
	if (apart <= used * AGREEMENT + unsure ||
	    (apart <= used * SMALL && a->looks < LOOKS_OF_SMALL))
		return 1;
	weight = used / sampled;
	return weight < LEAST_WEIGHT ? LEAST_WEIGHT : weight > MOST_WEIGHT ? MOST_WEIGHT : weight;
}

void cpu_account_free(struct cpu_account *a)
{
	free(a->sources);
	memset(a, 0, sizeof(*a));
}
