/* SPDX-License-Identifier: MIT */
#include "heap/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void watch(pid_t watched, int pipe_end, int timeout_ms)
{
	struct pollfd called_off = {.fd = pipe_end};
	int result;

	/* A signal to the group of the watched one must not reach its guard. */
	setsid();
	do
		result = poll(&called_off, 1, timeout_ms);
	while (result < 0 && errno == EINTR);
	if (!result && getppid() == watched)
		kill(watched, SIGKILL);
	_exit(EXIT_SUCCESS);
}

bool guard_start(struct guard *g, uint64_t limit_ns)
{
	pid_t self = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return false;
	g->pid = fork();
	if (!g->pid) {
		close(ends[1]);
		watch(self, ends[0], (int)(limit_ns / 1000000));
	}
	close(ends[0]);
	g->end = ends[1];
	if (g->pid < 0)
		close(g->end);
	return g->pid > 0;
}

void guard_end(struct guard *g)
{
	close(g->end);
	waitpid(g->pid, NULL, 0);
}
