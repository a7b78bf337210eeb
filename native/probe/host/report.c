/* SPDX-License-Identifier: MIT */
#include "host/report.h"

#include "host/capabilities.h"
#include "host/procfs.h"
#include "host/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static long read_number(const char *path, long otherwise)
{
	char text[64], *end;
	long value;

	if (file_read(path, text, sizeof(text)) <= 0)
		return otherwise;
	value = strtol(text, &end, 10);
	return end == text ? otherwise : value;
}

bool host_kernel_before(unsigned int major, unsigned int minor)
{
	unsigned int own_major, own_minor;
	struct utsname names;

	return !uname(&names) && sscanf(names.release, "%u.%u", &own_major, &own_minor) == 2 &&
	       (own_major < major || (own_major == major && own_minor < minor));
}

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
	static const struct {
		uint64_t bit;
		const char *what, *why;
	} wanted[] = {
		{CAPABILITY(BPF), "CAP_BPF",
		 "The kernel lets the probe load no BPF program, which takes the samples."},
		{CAPABILITY(PERFMON), "CAP_PERFMON",
		 "The kernel lets the probe sample no process of another user."},
		{CAPABILITY(SYS_PTRACE), "CAP_SYS_PTRACE",
		 "The probe cannot read the Lua functions' names from a worker's memory."},
	};
	char remedy[sizeof(report->missing->remedy)];

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		if (!standing_lacks(standing_own(), wanted[i].bit))
			continue;
		refusal_remedy(standing_own(), wanted[i].bit, remedy, sizeof(remedy));
		host_add_missing(report, wanted[i].what, wanted[i].why, remedy);
	}
}

static void report_processes(struct host_report *report)
{
	const struct standing *standing = standing_own();
	char remedy[sizeof(report->missing->remedy)];

	refusal_remedy(standing, CAPABILITY(SYS_PTRACE), remedy, sizeof(remedy));
	if (standing->blinded)
		host_add_missing(
			report, "processes of others",
			"/proc hides the processes of other users from this one (hidepid).",
			remedy);
	if (standing->contained)
		host_add_missing(
			report, "processes outside this container",
			"The probe runs in a container (a pid namespace of its own), which "
			"sees no process outside of it.",
			"Connect to the host itself.");
}

static void report_kernel(struct host_report *report)
{
	char lockdown[128];

	if (host_kernel_before(5, 8))
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
		 !(standing_own()->capabilities & CAPABILITY(SYSLOG)))
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
	report_capabilities(out);
	report_kernel(out);
	report_processes(out);
}

void host_report(struct host_report *out)
{
	static struct host_report kept;

	if (!kept.pid)
		look(&kept);
	*out = kept;
}

bool host_privilege_text(char *text, size_t capacity)
{
	const uint64_t needed = CAPABILITY(BPF) | CAPABILITY(PERFMON) | CAPABILITY(SYS_PTRACE);
	char why[400];

	if (!standing_lacks(standing_own(), needed))
		return false;
	refusal_text(standing_own(), needed, why, sizeof(why));
	snprintf(text, capacity, "The probe may not trace here. %s", why);
	return true;
}
