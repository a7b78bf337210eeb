/* SPDX-License-Identifier: MIT */
#include "confine/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_whole(const struct reach_request *r, ssize_t size)
{
	size_t head = offsetof(struct reach_request, text);

	/* A text ends where its length says, and nowhere before. */
	return size > (ssize_t)head && r->text_length < REACH_PATH &&
	       (size_t)size == head + r->text_length + 1 && !r->text[r->text_length] &&
	       strnlen(r->text, REACH_PATH) == r->text_length;
}

static bool send_answer(int socket, const struct reach_answer *answer, const int *descriptors)
{
	size_t size = offsetof(struct reach_answer, text) + answer->text_length + 1;

	return handover_send(socket, answer, size, descriptors, answer->descriptors);
}

/* One request; false when the reader has gone or is no reader of ours any more. */
static bool serve(int socket, reach_answers answers)
{
	static struct reach_request request;
	static struct reach_answer answer;
	int descriptors[REACH_DESCRIPTORS], descriptor = -1;
	size_t came = 1;
	ssize_t size = handover_receive(socket, &request, sizeof(request), &descriptor, &came);
	bool sent;

	if (size <= 0 || !is_whole(&request, size))
		return false;
	memset(&answer, 0, offsetof(struct reach_answer, text) + 1);
	answers(&request, descriptor, &answer, descriptors);
	sent = send_answer(socket, &answer, descriptors);
	for (uint32_t i = 0; i < answer.descriptors; i++)
		close(descriptors[i]);
	if (descriptor >= 0)
		close(descriptor);
	return sent;
}

/* The far end must see the streams end when the reader ends. */
static bool let_go_of_streams(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int i = 0; null >= 0 && i <= STDERR_FILENO; i++) {
		if (dup2(null, i) < 0)
			return false;
	}
	if (null > STDERR_FILENO)
		close(null);
	return null >= 0;
}

/*
 * The reader waits for each answer, which takes microseconds: whoever asks for short slices has its
 * turn early and no more of a CPU than others. Kernels before 6.12 know none.
 */
static void ask_for_short_slices(void)
{
	const struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t slice_ns, deadline_ns, period_ns;
	} slices = {
		.size = sizeof(slices), .nice = getpriority(PRIO_PROCESS, 0), .slice_ns = 100000};

	syscall(SYS_sched_setattr, 0, &slices, 0);
}

static void keep(int socket, const struct confinement *c, reach_answers answers, pid_t reader)
{
	sigset_t all;
	char ready = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A terminal signals the whole group: the reader ends both. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	ask_for_short_slices();
	if (getppid() != reader || !let_go_of_streams() || !confine(c))
		_exit(EXIT_FAILURE);
	if (write(socket, &ready, 1) == 1)
		while (serve(socket, answers))
			;
	_exit(EXIT_SUCCESS);
}

int keeper_start(const struct confinement *c, reach_answers answers, pid_t *pid)
{
	pid_t reader = getpid();
	char ready;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	*pid = fork();
	if (*pid == 0) {
		close(ends[0]);
		keep(ends[1], c, answers, reader);
	}
	close(ends[1]);
	if (*pid > 0 && recv(ends[0], &ready, 1, 0) == 1)
		return ends[0];
	if (*pid > 0)
		waitpid(*pid, NULL, 0);
	errno = *pid < 0 ? errno : EPERM;
	close(ends[0]);
	return -1;
}
