/* SPDX-License-Identifier: MIT */
#include "heap/stop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "host/procfs.h"
#include "host/usage.h"

/* The alarm comes so much after the limit: the copy itself looks at the clock and is the first to
 * end. */
#define SLACK_NS 50000000ULL

static int follow(struct stop *s)
{
	DIR *dir = proc_folder(s->pid, "task");
	struct dirent *entry;
	int error = 0;
	pid_t tid;

	if (!dir)
		return -ESRCH;
	while (!error && (entry = readdir(dir))) {
		tid = proc_parse_pid(entry->d_name);
		if (!tid)
			continue;
		if (s->count == STOP_MAX_THREADS)
			error = -E2BIG;
		else if (!ptrace(PTRACE_SEIZE, tid, NULL, NULL))
			s->threads[s->count++] = tid;
		else if (errno != ESRCH)
			error = -errno;
	}
	closedir(dir);
	return error ? error : s->count ? 0 : -ESRCH;
}

int stop_prepare(struct stop *s, pid_t pid)
{
	int error;

	memset(s, 0, sizeof(*s));
	s->pid = pid;
	error = follow(s);
	if (error)
		stop_end(s);
	return error;
}

static void set_alarm(uint64_t ns)
{
	const struct itimerval timer = {
		.it_value = {(time_t)(ns / 1000000000), (suseconds_t)(ns % 1000000000 / 1000)}};

	setitimer(ITIMER_REAL, &timer, NULL);
}

bool stop_begin(struct stop *s, uint64_t limit_ns)
{
	bool any = false;
	size_t i;

	set_alarm(limit_ns + SLACK_NS);
	s->began_ns = clock_monotonic_ns();
	for (i = 0; i < s->count; i++)
		ptrace(PTRACE_INTERRUPT, s->threads[i], NULL, NULL);
	for (i = 0; i < s->count; i++) {
		s->stands[i] = waitpid(s->threads[i], &s->statuses[i], __WALL) == s->threads[i] &&
			       WIFSTOPPED(s->statuses[i]);
		any |= s->stands[i];
	}
	return any;
}

/* A thread that was about to receive a signal gets it now. */
static void let_go(const struct stop *s, size_t i)
{
	int status = s->statuses[i];
	int number = status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status);

	ptrace(PTRACE_DETACH, s->threads[i], NULL, (void *)(uintptr_t)number);
}

uint64_t stop_end(struct stop *s)
{
	uint64_t stood = 0;
	size_t i;
	int status;

	for (i = 0; i < s->count; i++)
		if (s->stands[i])
			let_go(s, i);
	if (s->began_ns)
		stood = clock_monotonic_ns() - s->began_ns;
	set_alarm(0);
	/* Only a thread that stands can be let go; one that was never stopped is stopped for that.
	 */
	for (i = 0; i < s->count; i++) {
		if (s->stands[i] || ptrace(PTRACE_INTERRUPT, s->threads[i], NULL, NULL) ||
		    waitpid(s->threads[i], &status, __WALL) != s->threads[i] || !WIFSTOPPED(status))
			continue;
		s->statuses[i] = status;
		let_go(s, i);
	}
	s->count = 0;
	return stood;
}
