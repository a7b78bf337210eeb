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
#include "instruments/granted.h"
#include "native/symbols.h"
#include "trace/samplers.h"

#define TO_SAMPLE (CAPABILITY(BPF) | CAPABILITY(PERFMON))
#define OTHERS_RIGHTS (CAPABILITY(SETUID) | CAPABILITY(SETGID))

static bool may(uint64_t capability)
{
	return capabilities_permitted() & capability;
}

/* Memory files of /proc are closed to all but their owner. One of the two opens them; docker gives
 * root the second alone. */
static uint64_t to_open_files(void)
{
	return may(CAPABILITY(DAC_READ_SEARCH)) ? CAPABILITY(DAC_READ_SEARCH)
						: CAPABILITY(DAC_OVERRIDE);
}

/* Memory, mappings, executables and roots of processes; files by their rights. */
static uint64_t to_read(void)
{
	return CAPABILITY(SYS_PTRACE) | CAPABILITY(CHECKPOINT_RESTORE) | to_open_files() |
	       OTHERS_RIGHTS;
}

struct confinement confined_parser(void)
{
	return (struct confinement){.nobody = true};
}

struct confinement confined_reader(void)
{
	struct confinement c = confined_parser();

	/* Where nobody can open the memory of others, it is read by call, which asks each time. */
	if (may(CAPABILITY(SYS_PTRACE)) && !may(to_open_files())) {
		c.capabilities = CAPABILITY(SYS_PTRACE);
		c.rights = FILTER_READV;
	}
	return c;
}

struct confinement confined_copier(void)
{
	return (struct confinement){
		.capabilities = CAPABILITY(SYS_PTRACE) | to_open_files() | OTHERS_RIGHTS,
		.rights = FILTER_PTRACE | FILTER_COPY | FILTER_CHILDREN | FILTER_NARROW,
	};
}

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
	const struct confinement reader = confined_reader();
	const struct confinement keeper = {.capabilities = to_read(), .rights = FILTER_GRANT};

	confine_prepare();
	return split(&keeper, &reader);
}

/* Debian's kernels before 6.1 ask for CAP_SYS_ADMIN where perf_event_paranoid is 3, as it is there.
 */
static bool may_sample_by(uint64_t set)
{
	uint64_t effective = capabilities_effective();
	bool may;

	capabilities_set_effective(set);
	may = event_try(false);
	capabilities_set_effective(effective);
	return may;
}

/* CAP_SYS_ADMIN only where the host has given it in the place of newer ones, or asks for it. */
static uint64_t to_sample(void)
{
	bool enough = (capabilities_permitted() & TO_SAMPLE) == TO_SAMPLE &&
		      (may_sample_by(TO_SAMPLE) || !may_sample_by(UINT64_MAX));

	return enough ? TO_SAMPLE : TO_SAMPLE | CAPABILITY(SYS_ADMIN);
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
	struct confinement reader = confined_reader();
	struct confinement keeper = {
		.capabilities = to_read() | to_sample(),
		.rights = FILTER_GRANT | FILTER_PTRACE | FILTER_COPY | FILTER_CHILDREN |
			  FILTER_NARROW,
	};
	struct host_report report;
	enum sampler_kind best;

	confine_prepare();
	reach_here(heap_job_answer);
	/* Both find out once, and keep the answer. */
	host_report(&report);
	kernel_symbols_prepare();
	best = samplers_best();
	if (sampler == SAMPLER_NONE)
		sampler = best;
	if (sampler != SAMPLER_PTRACE)
		samplers_leave_out(SAMPLER_PTRACE);
	if (sampler == SAMPLER_BPF) {
		reader.capabilities |= to_use_maps();
	} else {
		keeper.capabilities |= CAPABILITY(SYS_NICE);
		keeper.rights |= FILTER_HURRY;
	}
	/* Rings are locked memory, where a limit counts it. */
	if (sampler == SAMPLER_PERF_RING)
		reader.capabilities |= CAPABILITY(IPC_LOCK);
	/* It stops and reads threads itself: each sample is a matter of microseconds. */
	if (sampler == SAMPLER_PTRACE) {
		reader.capabilities |= CAPABILITY(SYS_PTRACE);
		reader.rights |= FILTER_PTRACE;
	}
	return split(&keeper, &reader);
}
