/* SPDX-License-Identifier: MIT */
#include "instruments/hurry.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_of(pid_t pid, pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)pid, (int)tid);
	return access(path, F_OK) == 0;
}

int hurry(pid_t tid)
{
	const struct sched_param first = {.sched_priority = 1};
	/* Whoever asks for short slices has its turn early; kernels before 6.12 know none. */
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t slice_ns, deadline_ns, period_ns;
	} short_slices = {.size = sizeof(short_slices), .slice_ns = 100000};

	/* The keeper is a child of the process that asks it. */
	if (tid <= 0 || (!is_of(getpid(), tid) && !is_of(getppid(), tid)))
		return -ESRCH;
	if (!sched_setscheduler(tid, SCHED_FIFO, &first))
		return 0;
	if (!setpriority(PRIO_PROCESS, (id_t)tid, -20))
		short_slices.nice = -20;
	syscall(SYS_sched_setattr, tid, &short_slices, 0);
	return 0;
}
