/* SPDX-License-Identifier: MIT */
#include "instruments/cpu/threads.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/array.h"
#include "host/procfs.h"
#include "instruments/granted.h"

/* A process with more threads than this is sampled in part; nginx has a few dozen at most. */
#define THREADS_MAX 4096
/* Changes of a period are so many periods apart, since each costs half a sample. */
#define JITTER_EVERY 50

static int open_event(const struct threads *t, struct thread_event *out)
{
	int fd = granted_event(EVENT_CLOCK, out->tid, t->period_ns), error;

	if (fd < 0)
		return fd;
	if (ioctl(fd, PERF_EVENT_IOC_ENABLE, 0)) {
		error = -errno;
		close(fd);
		return error;
	}
	out->fd = fd;
	return 0;
}

static bool has_event(const struct threads *t, pid_t pid, pid_t tid)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->items[i].tid == tid && t->items[i].pid == pid)
			return true;
	return false;
}

static int add_event(struct threads *t, pid_t pid, pid_t tid)
{
	struct thread_event event = {.pid = pid, .tid = tid};
	int error;

	if (!array_reserve(t->items, t->capacity, t->count + 1, 16))
		return -ENOMEM;
	error = t->attach ? t->attach(t, &event) : open_event(t, &event);
	if (!error)
		t->items[t->count++] = event;
	return error;
}

static void drop_event(struct threads *t, size_t i)
{
	if (t->items[i].ring)
		munmap(t->items[i].ring, t->items[i].ring_size);
	close(t->items[i].fd);
	t->items[i] = t->items[--t->count];
}

static void drop_dead(struct threads *t, pid_t pid)
{
	char name[64], text[16];
	size_t i = 0;

	while (i < t->count) {
		snprintf(name, sizeof(name), "task/%d/stat", (int)t->items[i].tid);
		if (t->items[i].pid == pid && proc_read(pid, name, text, sizeof(text)) <= 0)
			drop_event(t, i);
		else
			i++;
	}
}

static size_t events_of(const struct threads *t, pid_t pid)
{
	size_t i, n = 0;

	for (i = 0; i < t->count; i++)
		n += t->items[i].pid == pid;
	return n;
}

int threads_follow(struct threads *t, pid_t pid)
{
	DIR *dir = proc_folder(pid, "task");
	struct dirent *entry;
	size_t alive = 0;
	int result = 0, error;
	char *end;
	long tid;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)) && alive < THREADS_MAX) {
		tid = strtol(entry->d_name, &end, 10);
		if (end == entry->d_name || *end)
			continue;
		alive++;
		if (has_event(t, pid, (pid_t)tid))
			continue;
		error = add_event(t, pid, (pid_t)tid);
		if (error && error != -ESRCH && !result)
			result = error;
	}
	closedir(dir);
	if (events_of(t, pid) > alive)
		drop_dead(t, pid);
	return result;
}

void threads_forget(struct threads *t, pid_t pid)
{
	size_t i = 0;

	while (i < t->count) {
		if (t->items[i].pid == pid)
			drop_event(t, i);
		else
			i++;
	}
}

int threads_set_period(struct threads *t, uint64_t period_ns)
{
	int result = 0;
	size_t i;

	t->period_ns = period_ns;
	for (i = 0; i < t->count; i++)
		if (ioctl(t->items[i].fd, PERF_EVENT_IOC_PERIOD, &period_ns) && !result)
			result = -errno;
	return result;
}

/* The kernel begins a whole period when it gets a new one: half a period is lost on average. */
static uint64_t jittered(struct threads *t, double ran)
{
	double rate = (0.9 + chance_part(&t->chance) / 5) * (1 + 0.5 / ran);

	return (uint64_t)((double)t->period_ns / rate);
}

void threads_jitter(struct threads *t, pid_t pid)
{
	struct thread_event *event;
	uint64_t ran_ns, period;
	size_t i;

	if (!t->chance.state)
		chance_begin(&t->chance);
	for (i = 0; i < t->count; i++) {
		event = &t->items[i];
		if (event->pid != pid || read(event->fd, &ran_ns, sizeof(ran_ns)) != sizeof(ran_ns))
			continue;
		if (ran_ns - event->changed_ns < JITTER_EVERY * t->period_ns)
			continue;
		period = jittered(t, (double)(ran_ns - event->changed_ns) / (double)t->period_ns);
		event->changed_ns = ran_ns;
		ioctl(event->fd, PERF_EVENT_IOC_PERIOD, &period);
	}
}

void threads_free(struct threads *t)
{
	while (t->count)
		drop_event(t, t->count - 1);
	free(t->items);
	t->items = NULL;
	t->capacity = 0;
}
