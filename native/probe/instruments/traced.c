/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "host/capabilities.h"
#include "host/failure.h"
#include "host/refusal.h"
#include "host/report.h"
#include "instruments/instrument.h"
#include "naming/process.h"

struct process *traced_process(const struct traced *t, pid_t pid)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->processes[i]->pid == pid)
			return t->processes[i];
	return NULL;
}

void instrument_needs_bpf(struct failure *error, const char *what, const char *means)
{
	char why[400];

	error->kind = FAILURE_NO_SAMPLER;
	error->detail = NULL;
	if (host_kernel_before(5, 10))
		snprintf(why, sizeof(why), "BPF needs Linux 5.10 or later.");
	else
		refusal_text(standing_own(), CAPABILITY(BPF) | CAPABILITY(PERFMON), why,
			     sizeof(why));
	snprintf(error->text, sizeof(error->text),
		 "%s are watched by %s, and this trace does without BPF. %s", what, means, why);
}
