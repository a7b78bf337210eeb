/* SPDX-License-Identifier: MIT */
#include "host/usage.h"

#include "host/procfs.h"

#include <time.h>
#include <unistd.h>

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	if (clock_gettime(id, &now))
		return 0;
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t clock_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_monotonic_ms(void)
{
	return clock_monotonic_ns() / 1000000;
}

static pid_t other; /* process of the probe; 0: none */

void usage_includes(pid_t pid)
{
	other = pid;
}

uint64_t clock_cpu_ns(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID) + (other ? clock_process_ns(other) : 0);
}

uint64_t clock_thread_cpu_ns(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t clock_unix_us(void)
{
	return read_clock(CLOCK_REALTIME) / 1000;
}

uint64_t clock_process_ns(pid_t pid)
{
	clockid_t id;

	return clock_getcpuclockid(pid, &id) ? 0 : read_clock(id);
}

uint64_t own_rss_bytes(void)
{
	struct proc_resident own, others = {0};

	proc_resident(getpid(), &own);
	if (other)
		proc_resident(other, &others);
	/* Pages of files are the same ones in both. */
	return own.anon + own.file + own.shared + others.anon;
}
