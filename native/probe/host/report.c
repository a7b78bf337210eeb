/* SPDX-License-Identifier: MIT */
#include "host/report.h"

#include "host/capabilities.h"
#include "host/procfs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

bool host_has(const struct host_report *report, enum capability capability)
{
	return report->capabilities >> capability & 1;
}

bool host_may_sample(const struct host_report *report)
{
	return host_has(report, CAPABILITY_SYS_ADMIN) ||
	       (host_has(report, CAPABILITY_BPF) && host_has(report, CAPABILITY_PERFMON));
}

bool host_may_read_memory(const struct host_report *report)
{
	return host_has(report, CAPABILITY_SYS_PTRACE);
}

static long read_number(const char *path, long otherwise)
{
	char text[64], *end;
	long value;

	if (file_read(path, text, sizeof(text)) <= 0)
		return otherwise;
	value = strtol(text, &end, 10);
	return end == text ? otherwise : value;
}

/* Names no file: the user of this one could put another in its place before root grants it. */
static const char grant_remedy[] = "`acupoint install`, followed by the name of this host, says "
				   "how an administrator grants it";

void host_add_missing(struct host_report *report, const char *what, const char *why,
		      const char *remedy)
{
	struct host_missing *entry;

	if (report->missing_count == HOST_MAX_MISSING)
		return;
	entry = &report->missing[report->missing_count++];
	snprintf(entry->what, sizeof(entry->what), "%s", what);
	snprintf(entry->why, sizeof(entry->why), "%s", why);
	snprintf(entry->remedy, sizeof(entry->remedy), "%s", remedy);
}

static void report_capabilities(struct host_report *report)
{
	if (!host_has(report, CAPABILITY_SYS_ADMIN)) {
		if (!host_has(report, CAPABILITY_BPF))
			host_add_missing(
				report, "CAP_BPF",
				"The kernel lets the probe load no BPF program, which takes the "
				"samples.",
				grant_remedy);
		if (!host_has(report, CAPABILITY_PERFMON))
			host_add_missing(
				report, "CAP_PERFMON",
				"The kernel lets the probe sample no process of another user.",
				grant_remedy);
	}
	if (!host_has(report, CAPABILITY_SYS_PTRACE))
		host_add_missing(
			report, "CAP_SYS_PTRACE",
			"The probe cannot read the Lua functions' names from a worker's memory.",
			grant_remedy);
}

static void report_kernel(struct host_report *report)
{
	unsigned int major = 0, minor = 0;
	char lockdown[128];

	if (sscanf(report->kernel, "%u.%u", &major, &minor) == 2 &&
	    (major < 5 || (major == 5 && minor < 8)))
		host_add_missing(report, "kernel 5.8",
				 "Older kernels have no BPF ring buffer, by which the samples "
				 "leave the kernel.",
				 "");
	if (file_read("/sys/kernel/security/lockdown", lockdown, sizeof(lockdown)) > 0 &&
	    strstr(lockdown, "[confidentiality]"))
		host_add_missing(
			report, "perf events",
			"The kernel is locked down for confidentiality and allows no sampling.",
			"boot with lockdown=integrity");
	if (read_number("/proc/sys/kernel/kptr_restrict", 0) >= 2)
		host_add_missing(
			report, "kernel symbols",
			"The kernel hides its addresses: kernel frames are shown as [unknown].",
			"sudo sysctl kernel.kptr_restrict=1");
	else if (read_number("/proc/sys/kernel/kptr_restrict", 0) == 1 &&
		 !host_has(report, CAPABILITY_SYSLOG))
		host_add_missing(
			report, "CAP_SYSLOG",
			"The kernel hides its addresses: kernel frames are shown as [unknown].",
			"sudo sysctl kernel.kptr_restrict=0");
}

static void look(struct host_report *out)
{
	struct utsname names;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	memset(out, 0, sizeof(*out));
	if (uname(&names) == 0) {
		snprintf(out->architecture, sizeof(out->architecture), "%s", names.machine);
		snprintf(out->kernel, sizeof(out->kernel), "%s", names.release);
	}
	out->pid = (uint32_t)getpid();
	out->cpus = cpus > 0 ? (uint32_t)cpus : 1;
	out->capabilities = capabilities_effective();
	report_capabilities(out);
	report_kernel(out);
}

void host_report(struct host_report *out)
{
	static struct host_report kept;

	if (!kept.pid)
		look(&kept);
	*out = kept;
}

bool host_privilege_text(const struct host_report *report, char *text, size_t capacity)
{
	char names[128] = "";

	if (host_may_sample(report) && host_may_read_memory(report))
		return false;
	for (size_t i = 0; i < report->missing_count; i++) {
		if (strncmp(report->missing[i].what, "CAP_", 4))
			continue;
		if (!strcmp(report->missing[i].what, "CAP_SYSLOG"))
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 *names ? ", " : "", report->missing[i].what);
	}
	snprintf(text, capacity,
		 "The probe may not trace here: it runs without %s. Run it as root (sudo), or have "
		 "it installed: %s.",
		 names, grant_remedy);
	return true;
}
