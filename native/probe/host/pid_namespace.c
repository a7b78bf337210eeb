/* SPDX-License-Identifier: MIT */
#include "host/pid_namespace.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/procfs.h"

/* PROC_PID_INIT_INO: pids of the initial namespace are those that BPF sees anyway. */
#define INITIAL_PID_NAMESPACE 0xeffffffcULL

struct pid_namespace pid_namespace_own(void)
{
	struct stat st;

	if (stat("/proc/self/ns/pid", &st) || st.st_ino == INITIAL_PID_NAMESPACE)
		return (struct pid_namespace){0, 0};
	return (struct pid_namespace){st.st_dev, st.st_ino};
}

/* How many numbers the process has, from the namespace of /proc down; 0: cannot be told. */
static int numbers_of(pid_t pid)
{
	char status[4096], *next;
	int count = 0;

	if (proc_read(pid, "status", status, sizeof(status)) <= 0)
		return 0;
	next = strstr(status, "\nNSpid:");
	for (next = next ? next + 1 : NULL; next && *next && *next != '\n'; next++)
		count += *next == '\t';
	return count;
}

bool pid_namespace_below(pid_t pid)
{
	return numbers_of(pid) > numbers_of(getpid());
}
