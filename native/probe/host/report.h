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

enum { HOST_MAX_MISSING = 10 };

struct host_report {
	char architecture[65], kernel[65];
	uint32_t pid, cpus;
	struct host_missing missing[HOST_MAX_MISSING];
	size_t missing_count;
};

void host_report(struct host_report *out);
/* Is the running kernel older? False where it does not say. */
bool host_kernel_before(unsigned int major, unsigned int minor);
/* One more, if there is room. */
void host_add_missing(struct host_report *report, const char *what, const char *why,
		      const char *remedy);

/*
 * Why a trace cannot start for want of privilege, with the command that grants it, in `text`. False
 * if privilege is not what is missing.
 */
bool host_privilege_text(char *text, size_t capacity);

#endif
