/* SPDX-License-Identifier: MIT */
#include <stdio.h>

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
	error->kind = FAILURE_NO_SAMPLER;
	error->detail = NULL;
	snprintf(
		error->text, sizeof(error->text),
		"%s are watched by %s, and this trace does without BPF. Run the probe as "
		"root, or give it CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE, on Linux 5.10 or later.",
		what, means);
}
