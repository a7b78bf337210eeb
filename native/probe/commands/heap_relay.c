/* SPDX-License-Identifier: MIT */
#include "commands/heap_relay.h"

#include "heap/take.h"
#include "host/failure.h"
#include "host/reach.h"
#include "wire/messages.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE = 48 * 1024 };

void heap_relay_init(struct heap_relay *h)
{
	*h = (struct heap_relay){.fd = -1};
}

static int refuse(struct outbox *o, uint32_t request, const char *text)
{
	return wire_failure(o, request, FAILURE_BAD_REQUEST, text, "");
}

int heap_relay_begin(struct heap_relay *h, struct outbox *o, uint32_t request,
		     const acupoint_wire_v1_TakeHeap *command)
{
	struct reach_request job = {
		.op = REACH_HEAP, .pid = (int32_t)command->pid, .values = {command->max_pause_ms}};
	int given[REACH_DESCRIPTORS];

	if (h->request)
		return refuse(o, request, "A heap snapshot is being taken already.");
	if (command->max_pause_ms < 1 || command->max_pause_ms > TAKE_MOST_PAUSE_MS)
		return refuse(o, request, "The longest pause must be from 1 to 10000 ms.");
	if (reach(&job, -1, NULL, given) < 0)
		return refuse(o, request, "The probe cannot start a process on this host.");
	h->fd = given[0];
	fcntl(h->fd, F_SETFL, O_NONBLOCK);
	h->request = request;
	return 0;
}

static int end(struct heap_relay *h)
{
	static struct reach_answer answer;

	if (h->request)
		reach(&(struct reach_request){.op = REACH_HEAP_END}, -1, &answer, NULL);
	if (h->fd >= 0)
		close(h->fd);
	heap_relay_init(h);
	return (int)answer.values[0];
}

/* Answers for a copy that ended without a word of its own: the stream lacks its last record. */
static int finish(struct heap_relay *h, struct outbox *o)
{
	uint32_t request = h->request;
	int status = end(h);

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
	end(h);
}
