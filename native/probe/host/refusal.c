/* SPDX-License-Identifier: MIT */
#include "host/refusal.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/capabilities.h"
#include "host/pid_namespace.h"
#include "host/procfs.h"

static const struct {
	const char *name; /* as containers' options have it */
	uint64_t bit;
} named[] = {
	{"BPF", CAPABILITY(BPF)},
	{"PERFMON", CAPABILITY(PERFMON)},
	{"SYS_PTRACE", CAPABILITY(SYS_PTRACE)},
};

bool process_exists(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void look(struct standing *out)
{
	unsigned long long first, shown, count;
	char text[4096];
	ssize_t length;

	out->capabilities = capabilities_effective();
	out->root = geteuid() == 0;
	out->filtered = file_read("/proc/self/status", text, sizeof(text)) > 0 &&
			strstr(text, "\nSeccomp:\t2");
	out->contained = pid_namespace_own().inode != 0;
	length = readlink("/proc/self", text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	out->astray = length > 0 && proc_parse_pid(text) != getpid();
	out->blinded = !out->astray && access("/proc/1/stat", F_OK) && process_exists(1);
	/* The initial namespace maps all ids to themselves. */
	out->of_namespace = file_read("/proc/self/uid_map", text, sizeof(text)) > 0 &&
			    sscanf(text, "%llu %llu %llu", &first, &shown, &count) == 3 &&
			    (shown || count != UINT32_MAX);
}

const struct standing *standing_own(void)
{
	static struct standing kept;
	static bool looked;

	if (!looked)
		look(&kept);
	looked = true;
	return &kept;
}

uint64_t standing_lacks(const struct standing *s, uint64_t needed)
{
	uint64_t had = s->capabilities;

	if (had & CAPABILITY(SYS_ADMIN))
		had |= CAPABILITY(BPF) | CAPABILITY(PERFMON);
	return needed & ~had;
}

static void join(uint64_t set, const char *before, const char *between, char *out, size_t capacity)
{
	size_t length = 0;

	*out = '\0';
	for (size_t i = 0; i < sizeof(named) / sizeof(*named) && length < capacity; i++) {
		if (set & named[i].bit)
			length += (size_t)snprintf(out + length, capacity - length, "%s%s%s",
						   length ? between : "", before, named[i].name);
	}
}

static void reason(const struct standing *s, uint64_t needed, char *out, size_t capacity)
{
	char names[64];

	join(standing_lacks(s, needed), "CAP_", ", ", names, sizeof(names));
	if (*names)
		snprintf(out, capacity, "It runs %swithout %s%s.", s->root ? "as root but " : "",
			 names, s->root && s->filtered ? " and behind a seccomp filter" : "");
	else if (s->filtered)
		snprintf(out, capacity,
			 "It has the capabilities, but a seccomp filter refuses the system call%s.",
			 s->root ? ", as the profile of a container does" : "");
	else if (s->of_namespace)
		snprintf(out, capacity,
			 "It is root of a user namespace alone (a rootless container), to whom the "
			 "kernel gives neither BPF nor the events of others.");
	else
		snprintf(out, capacity,
			 "It has the capabilities; a security module of this host (SELinux, "
			 "AppArmor, lockdown) may forbid it: the kernel's log may say so.");
}

void refusal_remedy(const struct standing *s, uint64_t needed, char *out, size_t capacity)
{
	uint64_t missing = standing_lacks(s, needed);
	char options[96], names[64];

	join(missing, "--cap-add ", " ", options, sizeof(options));
	join(missing, "", ", ", names, sizeof(names));
	*out = '\0';
	if (s->of_namespace)
		snprintf(out, capacity, "Trace from the host, as root there.");
	else if (missing && s->root)
		snprintf(out, capacity,
			 "Start the container with %s (Kubernetes: "
			 "securityContext.capabilities.add: [%s]), or trace from the host.",
			 options, names);
	else if (missing)
		snprintf(out, capacity,
			 "Sign in as root, allow sudo without a password, or have an administrator "
			 "run what `acupoint install` prints.");
	else if (s->filtered)
		snprintf(out, capacity,
			 "Start the container with a seccomp profile that allows bpf, "
			 "perf_event_open, ptrace and pidfd_open (--security-opt "
			 "seccomp=unconfined allows all), or trace from the host.");
}

void refusal_text(const struct standing *s, uint64_t needed, char *out, size_t capacity)
{
	char why[256], remedy[256];

	reason(s, needed, why, sizeof(why));
	refusal_remedy(s, needed, remedy, sizeof(remedy));
	snprintf(out, capacity, "%s%s%s", why, *remedy ? " " : "", remedy);
}
