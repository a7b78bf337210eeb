/* SPDX-License-Identifier: MIT */
#include "commands/confined.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/heap_job.h"
#include "confine/filter.h"
#include "host/capabilities.h"
#include "host/report.h"
#include "native/symbols.h"
#include "sampler/granted.h"
#include "trace/trace.h"

/* Memory, mappings, executables and roots of processes; files by their rights, or by none's. */
#define TO_READ                                                                                    \
	(CAPABILITY(SYS_PTRACE) | CAPABILITY(DAC_READ_SEARCH) | CAPABILITY(CHECKPOINT_RESTORE) |   \
	 CAPABILITY(SETUID) | CAPABILITY(SETGID))
#define TO_SAMPLE (CAPABILITY(BPF) | CAPABILITY(PERFMON))

const struct confinement confined_copier = {
	.capabilities = CAPABILITY(SYS_PTRACE) | CAPABILITY(SETUID) | CAPABILITY(SETGID),
	.rights = FILTER_PTRACE | FILTER_COPY | FILTER_CHILDREN | FILTER_NARROW,
};

const struct confinement confined_parser = {.nobody = true};

static bool split(const struct confinement *keeper, const struct confinement *reader)
{
	if (confine_split(keeper, reader, heap_job_answer))
		return true;
	fprintf(stderr,
		"acupoint-probe: cannot give up its privileges (%s), and does not go on with them. "
		"A filter of system calls (seccomp) and a second process are needed: see whether "
		"this host or its container forbids them.\n",
		strerror(errno));
	return false;
}

bool confined_list(void)
{
	const struct confinement keeper = {.capabilities = TO_READ, .rights = FILTER_GRANT};

	confine_prepare();
	return split(&keeper, &confined_parser);
}

/* Where the host has given CAP_SYS_ADMIN in the place of newer ones. */
static uint64_t to_sample(void)
{
	uint64_t permitted = capabilities_permitted();

	return (permitted & TO_SAMPLE) == TO_SAMPLE ? TO_SAMPLE
						    : TO_SAMPLE | CAPABILITY(SYS_ADMIN);
}

/* Before 5.19, kernels that keep BPF from ordinary users ask for CAP_BPF at each use of a map. */
static uint64_t to_use_maps(void)
{
	uint64_t effective = capabilities_effective();
	uint32_t zero = 0, value;
	int fd, result;

	if (!(effective & CAPABILITY(BPF)))
		return 0;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, sizeof(zero), sizeof(value), 1, NULL);
	if (fd < 0)
		return 0;
	capabilities_set_effective(0);
	result = bpf_map_lookup_elem(fd, &zero, &value);
	capabilities_set_effective(effective);
	close(fd);
	return result ? CAPABILITY(BPF) : 0;
}

bool confined_trace(enum sampler_kind sampler)
{
	struct confinement reader = confined_parser;
	struct confinement keeper = {
		.capabilities = TO_READ | to_sample(),
		.rights = FILTER_GRANT | FILTER_PTRACE | FILTER_COPY | FILTER_CHILDREN |
			  FILTER_NARROW,
	};
	struct host_report report;
	enum sampler_kind best;

	confine_prepare();
	reach_here(heap_job_answer);
	/* What is found out once and kept. */
	host_report(&report);
	kernel_symbols_prepare();
	best = trace_probe_sampler();
	if (sampler == SAMPLER_NONE)
		sampler = best;
	if (sampler != SAMPLER_PTRACE)
		trace_leave_out(SAMPLER_PTRACE);
	if (sampler == SAMPLER_BPF)
		reader.capabilities |= to_use_maps();
	else
		reader.rights |= FILTER_HURRY;
	/* It stops and reads threads itself: each sample is a matter of microseconds. */
	if (sampler == SAMPLER_PTRACE) {
		reader.capabilities |= CAPABILITY(SYS_PTRACE);
		reader.rights |= FILTER_PTRACE;
	}
	return split(&keeper, &reader);
}
