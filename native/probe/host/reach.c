/* SPDX-License-Identifier: MIT */
#include "host/reach.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXIT_NO_KEEPER 71
enum { OFFERS = 4 };

static reach_answers answers_here = reach_answer_files;
static int keeper = -1;
/* A burst's thread asks too; a question and its answer stay together. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static struct {
	pid_t pid;
	const char *name;
	int fd;
} offers[OFFERS];
static size_t offer_count;

void reach_here(reach_answers answers)
{
	answers_here = answers;
	keeper = -1;
}

void reach_through(int socket)
{
	keeper = socket;
}

static bool send_request(const struct reach_request *request, int descriptor)
{
	size_t size = offsetof(struct reach_request, text) + request->text_length + 1;

	return handover_send(keeper, request, size, &descriptor, request->has_descriptor ? 1 : 0);
}

static bool receive_answer(struct reach_answer *answer, int *descriptors)
{
	size_t count = REACH_DESCRIPTORS;
	ssize_t n = handover_receive(keeper, answer, sizeof(*answer), descriptors, &count);

	return n >= (ssize_t)offsetof(struct reach_answer, text) && count == answer->descriptors;
}

int reach(const struct reach_request *request, int descriptor, struct reach_answer *answer,
	  int *descriptors)
{
	static struct reach_answer unwanted;
	int given[REACH_DESCRIPTORS], result;
	struct reach_answer *to;

	pthread_mutex_lock(&turn);
	to = answer ? answer : &unwanted;
	if (keeper < 0) {
		memset(to, 0, offsetof(struct reach_answer, text) + 1);
		answers_here(request, descriptor, to, given);
	} else if (!send_request(request, descriptor) || !receive_answer(to, given)) {
		fputs("The probe's keeper has ended, so the probe ends. Attach again; if it ends "
		      "again, see whether the host is short of memory.\n",
		      stderr);
		_exit(EXIT_NO_KEEPER);
	}
	result = to->result;
	for (uint32_t i = 0; i < to->descriptors; i++) {
		if (descriptors)
			descriptors[i] = given[i];
		else
			close(given[i]);
	}
	pthread_mutex_unlock(&turn);
	return result;
}

static int ask_for_descriptor(const struct reach_request *request)
{
	int given[REACH_DESCRIPTORS] = {-1};
	int result = reach(request, -1, NULL, given);

	return result < 0 ? result : given[0];
}

static bool set_text(struct reach_request *request, const char *text)
{
	size_t length = strlen(text);

	if (length >= sizeof(request->text))
		return false;
	memcpy(request->text, text, length + 1);
	request->text_length = (uint32_t)length;
	return true;
}

void reach_offer(pid_t pid, const char *name, int fd)
{
	if (offer_count == OFFERS)
		return;
	offers[offer_count].pid = pid;
	offers[offer_count].name = name;
	offers[offer_count++].fd = fd;
}

int reach_proc(pid_t pid, const char *name)
{
	struct reach_request request = {.op = REACH_PROC, .pid = pid};

	for (size_t i = 0; i < offer_count; i++) {
		if (offers[i].pid == pid && !strcmp(offers[i].name, name)) {
			int fd = dup(offers[i].fd);

			lseek(fd, 0, SEEK_SET);
			return fd < 0 ? -errno : fd;
		}
	}
	return set_text(&request, name) ? ask_for_descriptor(&request) : -ENAMETOOLONG;
}

ssize_t reach_link(pid_t pid, const char *name, char *out, size_t capacity)
{
	struct reach_request request = {.op = REACH_LINK, .pid = pid};
	static struct reach_answer answer;
	int result;

	*out = '\0';
	if (!set_text(&request, name))
		return -ENAMETOOLONG;
	result = reach(&request, -1, &answer, NULL);
	if (result < 0)
		return result;
	snprintf(out, capacity, "%s", answer.text);
	return (ssize_t)strlen(out);
}

int reach_mapped(pid_t pid, uint64_t start, uint64_t end)
{
	return ask_for_descriptor(
		&(struct reach_request){.op = REACH_MAPPED, .pid = pid, .values = {start, end}});
}

int reach_file(pid_t pid, const char *path)
{
	struct reach_request request = {.op = REACH_FILE, .pid = pid};

	return set_text(&request, path) ? ask_for_descriptor(&request) : -ENAMETOOLONG;
}

size_t reach_pids(pid_t *out, size_t capacity)
{
	const struct reach_request request = {.op = REACH_PIDS};
	static struct reach_answer answer;
	size_t count;

	if (reach(&request, -1, &answer, NULL) < 0)
		return 0;
	count = answer.text_length / sizeof(pid_t);
	if (count > capacity)
		count = capacity;
	memcpy(out, answer.text, count * sizeof(pid_t));
	return count;
}
