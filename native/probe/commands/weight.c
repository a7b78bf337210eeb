/* SPDX-License-Identifier: MIT */
#include "commands/weight.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/reach.h"

/* Looks without a weight after which one that comes is another one. */
#define AGREED_LOOKS 30

/* Samples a second that the kernel takes at most; 0: not known. */
static unsigned long kernel_most_hz(pid_t target)
{
	int fd = reach_file(target, "/proc/sys/kernel/perf_event_max_sample_rate");
	char text[24];
	ssize_t length;

	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	return strtoul(text, NULL, 10);
}

static void describe(const struct trace_stats *stats, pid_t target, char *out, size_t capacity)
{
	unsigned long most_hz = kernel_most_hz(target);
	char why[160] = "";

	if (stats->weight < 1) {
		snprintf(out, capacity,
			 "The samples stand for more CPU time than the kernel counts for the "
			 "workers, as where a hypervisor takes the CPU away. Each one now counts "
			 "%.2f of its period, so that times stay right.",
			 stats->weight);
		return;
	}
	if (most_hz && most_hz < stats->rate_hz)
		snprintf(
			why, sizeof(why),
			" (kernel.perf_event_max_sample_rate is %lu, below the %u Hz of the trace)",
			most_hz, stats->rate_hz);
	else if (stats->lost)
		snprintf(why, sizeof(why), " (some were lost on their way)");
	snprintf(out, capacity,
		 "The kernel gives %.0f %% of the samples that the workers' CPU time asks for%s. "
		 "Each one now counts %.2f times its period, so that times stay right. Detail is "
		 "that of a lower rate.",
		 100 / stats->weight, why, stats->weight);
}

void weight_tell(struct weight *w, const struct trace_stats *stats, pid_t target,
		 const struct notices *notices)
{
	char text[512];

	if (stats->weight == 1) {
		if (++w->agreed >= AGREED_LOOKS)
			w->told = false;
		return;
	}
	w->agreed = 0;
	if (w->told || !notices->notice)
		return;
	w->told = true;
	describe(stats, target, text, sizeof(text));
	notices->notice(notices->context, NOTICE_SAMPLES_WEIGHED, 0, text, "");
}
