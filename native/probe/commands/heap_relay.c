/* SPDX-License-Identifier: MIT */
#include "commands/heap_relay.h"

#include "trace/failure.h"
#include "wire/messages.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE = 48 * 1024, MOST_PAUSE_MS = 10000 };

void heap_relay_init(struct heap_relay *h)
{
	*h = (struct heap_relay){.fd = -1};
}

static int refuse(struct outbox *o, uint32_t request, const char *text)
{
	return wire_failure(o, request, FAILURE_BAD_REQUEST, text, "");
}

static void run(int out, const char *pid, const char *max_pause_ms)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(EXIT_FAILURE);
	/* The file itself may be gone by now. */
	execl("/proc/self/exe", "acupoint-probe", "heap", "--pid", pid, "--max-pause-ms",
	      max_pause_ms, (char *)NULL);
	_exit(EXIT_FAILURE);
}

int heap_relay_begin(struct heap_relay *h, struct outbox *o, uint32_t request,
		     const acupoint_wire_v1_TakeHeap *command)
{
	char pid[16], max_pause_ms[16];
	int ends[2];

	if (h->request)
		return refuse(o, request, "A heap snapshot is being taken already.");
	if (command->max_pause_ms < 1 || command->max_pause_ms > MOST_PAUSE_MS)
		return refuse(o, request, "The longest pause must be from 1 to 10000 ms.");
	if (pipe2(ends, O_CLOEXEC))
		return refuse(o, request, "The probe has too many files open.");
	snprintf(pid, sizeof(pid), "%u", command->pid);
	snprintf(max_pause_ms, sizeof(max_pause_ms), "%u", command->max_pause_ms);
	h->child = fork();
	if (!h->child)
		run(ends[1], pid, max_pause_ms);
	close(ends[1]);
	if (h->child < 0) {
		close(ends[0]);
		return refuse(o, request, "The probe cannot start a process on this host.");
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	h->request = request;
	h->fd = ends[0];
	return 0;
}

/* What ended without a word of its own: the last record of the stream is missing then. */
static int finish(struct heap_relay *h, struct outbox *o)
{
	uint32_t request = h->request;
	int status = 0;

	waitpid(h->child, &status, 0);
	h->child = 0;
	heap_relay_end(h);
	if (!WIFSIGNALED(status))
		return wire_heap(o, request, NULL, 0);
	return wire_failure(
		o, request, FAILURE_OTHER,
		WTERMSIG(status) == SIGALRM
			? "The worker's memory could not be copied within the limit, so the copy "
			  "was given up and the worker runs on. Raise the limit, or try again "
			  "when the host has less to do."
			: "Taking the heap snapshot was ended from outside; the worker runs on. "
			  "The host may be short of memory.",
		"");
}

int heap_relay_continue(struct heap_relay *h, struct outbox *o)
{
	static char piece[PIECE];
	ssize_t n;
	int result = 0;

	while (h->request && !result && outbox_pending(o) < HEAP_RELAY_BUSY) {
		n = read(h->fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		result = n > 0 ? wire_heap(o, h->request, piece, (size_t)n) : finish(h, o);
	}
	return result;
}

int heap_relay_cancel(struct heap_relay *h, struct outbox *o)
{
	uint32_t request = h->request;

	heap_relay_end(h);
	return request ? wire_failure(o, request, FAILURE_OTHER, "The heap snapshot was cancelled.",
				      "")
		       : 0;
}

void heap_relay_end(struct heap_relay *h)
{
	if (h->child > 0) {
		kill(h->child, SIGKILL);
		waitpid(h->child, NULL, 0);
	}
	if (h->fd >= 0)
		close(h->fd);
	heap_relay_init(h);
}
