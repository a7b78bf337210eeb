/* SPDX-License-Identifier: MIT */
#include "instruments/event.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_BYTES (16u << 10)

#if defined(__x86_64__)
#define REGISTERS 0xff0fffULL
#else
#define REGISTERS 0x1ffffffffULL
#endif

static void describe(enum event_kind kind, uint64_t period_ns, struct perf_event_attr *out)
{
	bool only_user = kind == EVENT_RING_USER;

	*out = (struct perf_event_attr){
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(*out),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period_ns,
		.disabled = 1,
		.exclude_kernel = only_user,
		.exclude_hv = only_user,
	};
	if (kind == EVENT_CLOCK || kind == EVENT_LOOP)
		return;
	out->sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_CPU | PERF_SAMPLE_READ |
			   PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
	out->sample_regs_user = REGISTERS;
	out->sample_stack_user = STACK_BYTES;
	out->exclude_callchain_user = 1;
	out->exclude_callchain_kernel = only_user;
	out->wakeup_events = 1;
}

int event_open(enum event_kind kind, pid_t tid, uint64_t period_ns, int program)
{
	struct perf_event_attr attr;
	int fd, error;

	describe(kind, period_ns, &attr);
	fd = (int)syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (program < 0 || !ioctl(fd, PERF_EVENT_IOC_SET_BPF, program))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

bool event_try(bool only_user)
{
	struct perf_event_attr attr;
	int fd;

	describe(EVENT_CLOCK, 1000000000, &attr);
	attr.exclude_kernel = attr.exclude_hv = only_user;
	fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

bool event_allowed(bool only_user)
{
	static enum { UNKNOWN, YES, NO } known[2];

	if (known[only_user] == UNKNOWN)
		known[only_user] = event_try(only_user) ? YES : NO;
	return known[only_user] == YES;
}
