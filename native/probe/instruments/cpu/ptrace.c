/* SPDX-License-Identifier: MIT */
/*
 * The last resort, where the kernel gives neither BPF nor perf events: each running thread is
 * stopped for a moment, read and let go. It is traced for that moment only, so that its signals go
 * their way, another tracer can attach, and a probe that dies leaves nothing behind: the kernel
 * lets go of what a dead tracer held, and the thread runs on.
 */
#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/procfs.h"
#include "host/reach.h"
#include "host/usage.h"
#include "instruments/cpu/user_sampler.h"
#include "instruments/granted.h"

#define NS_PER_S 1000000000ULL
/* A hundredth of a thread's time at most is it stopped: the rate is lowered for that. */
#define RUNS_PER_STOP 100
#define MOST_HZ 99
/* A thread that has a CPU stands after a few looks. */
#define LOOK_NS 5000
#define LOOKS 10

struct taker {
	struct sampler *sampler;
	uint64_t stop_ns; /* what stops take lately */
	uint64_t owed_ns; /* that the rate is behind */
};

static bool has_tracer(pid_t tid)
{
	FILE *file = proc_stream(tid, "status");
	int tracer = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (file)
		fclose(file);
	return tracer != 0;
}

/* Opens what tells whether the thread runs. Who may open its memory may trace it too. */
static int attach(const struct threads *t, struct thread_event *out)
{
	char name[64];
	int memory;

	(void)t;
	if (has_tracer(out->tid))
		return -EBUSY;
	memory = reach_proc(out->tid, "mem");
	if (memory < 0)
		return memory == -ENOENT ? -ESRCH : memory;
	close(memory);
	snprintf(name, sizeof(name), "task/%d/stat", (int)out->tid);
	out->fd = proc_open(out->pid, name);
	return out->fd < 0 ? out->fd : 0;
}

static bool runs(const struct thread_event *event)
{
	char text[256], *end;
	ssize_t size = pread(event->fd, text, sizeof(text) - 1, 0);

	if (size <= 0)
		return false;
	text[size] = '\0';
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] == 'R';
}

/* Lets a stopped thread go, with the signal that it was about to receive, if any. */
static void let_go(pid_t tid, int status)
{
	int number = status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);

	ptrace(PTRACE_DETACH, tid, NULL, (void *)(uintptr_t)number);
}

/*
 * True once `tid` stands, since `since` or a little longer: one that waits for a CPU does not stand
 * yet. False: it has ended.
 */
static bool wait_for(pid_t tid, int *status, uint64_t *since)
{
	const struct timespec pause = {0, LOOK_NS};
	pid_t got = 0;
	int i;

	for (i = 0; i < LOOKS; i++) {
		got = waitpid(tid, status, __WALL | WNOHANG);
		if (got)
			break;
		*since = clock_monotonic_ns();
		nanosleep(&pause, NULL);
	}
	if (!got) {
		got = waitpid(tid, status, __WALL);
		*since = clock_monotonic_ns();
	}
	return got == tid && WIFSTOPPED(*status);
}

static void read_thread(const struct thread_event *event)
{
	struct thread_image image = {.pid = event->pid, .tid = event->tid};
	struct iovec registers = {&image.regs, sizeof(image.regs)};

	if (ptrace(PTRACE_GETREGSET, event->tid, (void *)NT_PRSTATUS, &registers) == 0 &&
	    registers.iov_len == sizeof(image.regs))
		user_walker_take(&image);
}

/* How long the thread stood at most. */
static uint64_t stop_and_read(struct sampler *s, const struct thread_event *event)
{
	uint64_t began, took;
	bool stands;
	int status;

	if (ptrace(PTRACE_SEIZE, event->tid, NULL, NULL)) {
		/* Another tracer has it, or it has ended. */
		if (errno == EPERM)
			atomic_fetch_add(&s->lost, 1);
		return 0;
	}
	began = clock_monotonic_ns();
	ptrace(PTRACE_INTERRUPT, event->tid, NULL, NULL);
	/* The stop may take as long as it has no CPU; others need not wait for it. */
	pthread_mutex_unlock(&s->lock);
	stands = wait_for(event->tid, &status, &began);
	pthread_mutex_lock(&s->lock);
	if (!stands)
		return 0;
	read_thread(event);
	let_go(event->tid, status);
	took = clock_monotonic_ns() - began;
	s->stopped_ns += took;
	if (took > s->longest_stop_ns)
		s->longest_stop_ns = took;
	return took;
}

/* Samples what runs; how long to wait until the next time, in ns. */
static uint64_t tick(struct taker *t)
{
	struct sampler *s = t->sampler;
	uint64_t period = s->threads.period_ns, longest = 0, took, pause;
	struct thread_event event;
	size_t sampled = 0;

	for (size_t i = 0; i < s->threads.count; i++) {
		event = s->threads.items[i];
		if (!runs(&event))
			continue;
		took = stop_and_read(s, &event);
		sampled += took > 0;
		if (took > longest)
			longest = took;
	}
	if (sampled)
		t->stop_ns = t->stop_ns ? (t->stop_ns * 7 + longest) / 8 : longest;
	pause = t->stop_ns * RUNS_PER_STOP;
	if (pause <= period)
		return period;
	for (t->owed_ns += pause - period; t->owed_ns >= period; t->owed_ns -= period)
		atomic_fetch_add(&s->lost, sampled);
	return pause;
}

static void *run(void *context)
{
	struct sampler *s = context;
	struct taker t = {.sampler = s};
	struct pollfd wake = {.fd = s->wake, .events = POLLIN};
	uint64_t due = clock_monotonic_ns(), now, pause, woken;
	struct timespec wait;

	granted_hurry();
	prctl(PR_SET_TIMERSLACK, 1);
	while (!atomic_load(&s->ending)) {
		now = clock_monotonic_ns();
		if (now < due) {
			wait = (struct timespec){(time_t)((due - now) / NS_PER_S),
						 (long)((due - now) % NS_PER_S)};
			ppoll(&wake, 1, &wait, NULL);
			if (read(s->wake, &woken, sizeof(woken)) > 0)
				continue;
		}
		pthread_mutex_lock(&s->lock);
		pause = tick(&t);
		pthread_mutex_unlock(&s->lock);
		due += pause;
		now = clock_monotonic_ns();
		if (due < now)
			due = now + pause;
	}
	return NULL;
}

/* Without the permission to trace at all, as seccomp filters withhold it, even this is refused. */
static bool ptrace_available(void)
{
	return ptrace(PTRACE_SEIZE, -1, NULL, NULL) && errno == ESRCH;
}

static struct sampler *ptrace_open(uint32_t rate_hz, struct failure *error)
{
	return user_sampler_open(rate_hz, attach, run, error);
}

static const char *ptrace_caveat(void)
{
	return "Each sample stops the worker for some 0.1 ms: at most 1 % of its time in all, and "
	       "99 samples a second. Kernel frames are not seen, and a worker that waits for a "
	       "CPU counts as running. No debugger may be attached to it meanwhile.";
}

static int ptrace_set_rate(struct sampler *s, uint32_t rate_hz)
{
	pthread_mutex_lock(&s->lock);
	s->threads.period_ns = NS_PER_S / rate_hz;
	pthread_mutex_unlock(&s->lock);
	return 0;
}

static void ptrace_count(struct sampler *s, struct sampler_counts *out)
{
	user_sampler_count(s, out);
	pthread_mutex_lock(&s->lock);
	out->stopped_ns = s->stopped_ns;
	out->longest_stop_ns = s->longest_stop_ns;
	pthread_mutex_unlock(&s->lock);
}

const struct sampler_ops ptrace_sampler_ops = {
	.kind = SAMPLER_PTRACE,
	.caveat = ptrace_caveat,
	.most_hz = MOST_HZ,
	.available = ptrace_available,
	.open = ptrace_open,
	.close = user_sampler_close,
	.add = user_sampler_add,
	.remove = user_sampler_remove,
	.describe = user_sampler_describe,
	.follow = user_sampler_follow,
	.poll = user_sampler_poll,
	.set_rate = ptrace_set_rate,
	.count = ptrace_count,
};
