/* SPDX-License-Identifier: MIT */
/* What this host gives the probe, and what it does not. */
#ifndef ACUPOINT_REPORT_H
#define ACUPOINT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host_missing {
	char what[64], why[384], remedy[256];
};

enum { HOST_MAX_MISSING = 8 };

struct host_report {
	char architecture[65], kernel[65];
	uint32_t pid, cpus;
	uint64_t capabilities; /* effective set, by bit */
	struct host_missing missing[HOST_MAX_MISSING];
	size_t missing_count;
};

void host_report(struct host_report *out);
/* One more, if there is room. */
void host_add_missing(struct host_report *report, const char *what, const char *why,
		      const char *remedy);

/* Numbers of linux/capability.h, which older build hosts do not all have. */
enum capability {
	CAPABILITY_DAC_READ_SEARCH = 2,
	CAPABILITY_SYS_PTRACE = 19,
	CAPABILITY_SYS_ADMIN = 21,
	CAPABILITY_SYSLOG = 34,
	CAPABILITY_PERFMON = 38,
	CAPABILITY_BPF = 39,
};
bool host_has(const struct host_report *report, enum capability capability);
/* CAP_SYS_ADMIN stands for the two newer ones. */
bool host_may_sample(const struct host_report *report);
bool host_may_read_memory(const struct host_report *report);

/*
 * Why a trace cannot start for want of privilege, with the command that grants it, in `text`. False
 * if privilege is not what is missing.
 */
bool host_privilege_text(const struct host_report *report, char *text, size_t capacity);

#endif
