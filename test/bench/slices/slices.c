/* SPDX-License-Identifier: MIT */
/*
 * slices: switches samplers on and off without taking them away, so that each can have its turn
 * many times a second, and reads what a process has spent to the nanosecond. One command a line of
 * stdin, one line of answer each: take PID     copies the descriptors of the process' perf events
 * and disables those: their number on PID       enables those that were taken off PID      disables
 * them cpu PID      CPU time of the process, ns
 */
#include <dirent.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 1024
/* As clock_getcpuclockid() makes it: of all threads of a process. */
#define CPU_CLOCK(pid) ((clockid_t)(~(unsigned int)(pid) << 3 | 2))

static struct event {
	int pid, fd;
} events[EVENTS_MAX];
static size_t event_count;

static int switch_events(int pid, unsigned long what)
{
	int count = 0;

	for (size_t i = 0; i < event_count; i++) {
		if (events[i].pid != pid)
			continue;
		if (ioctl(events[i].fd, what, 0))
			return -1;
		count++;
	}
	return count;
}

/* Forgets what was taken of it before. */
static void forget(int pid)
{
	size_t kept = 0;

	for (size_t i = 0; i < event_count; i++) {
		if (events[i].pid == pid)
			close(events[i].fd);
		else
			events[kept++] = events[i];
	}
	event_count = kept;
}

static int is_event(int pid, const char *name)
{
	char path[64], what[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/fd/%.16s", pid, name);
	length = readlink(path, what, sizeof(what) - 1);
	if (length < 0)
		return 0;
	what[length] = 0;
	return !strcmp(what, "anon_inode:[perf_event]");
}

static int take(int pid)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0), fd;
	const struct dirent *entry;
	char path[64];
	DIR *fds;

	forget(pid);
	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	fds = opendir(path);
	if (process < 0 || !fds)
		return -1;
	while ((entry = readdir(fds))) {
		if (!is_event(pid, entry->d_name))
			continue;
		fd = (int)syscall(SYS_pidfd_getfd, process, atoi(entry->d_name), 0);
		if (fd < 0 || event_count == EVENTS_MAX)
			return -1;
		events[event_count].pid = pid;
		events[event_count++].fd = fd;
	}
	closedir(fds);
	close(process);
	return switch_events(pid, PERF_EVENT_IOC_DISABLE);
}

static long long cpu(int pid)
{
	struct timespec spent;

	if (clock_gettime(CPU_CLOCK(pid), &spent))
		return -1;
	return spent.tv_sec * 1000000000LL + spent.tv_nsec;
}

int main(void)
{
	char line[128], command[16];
	long long answer;
	int pid;

	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%15s %d", command, &pid) != 2)
			return 2;
		if (!strcmp(command, "take"))
			answer = take(pid);
		else if (!strcmp(command, "cpu"))
			answer = cpu(pid);
		else
			answer = switch_events(pid, strcmp(command, "on") ? PERF_EVENT_IOC_DISABLE
									  : PERF_EVENT_IOC_ENABLE);
		if (answer < 0) {
			perror(line);
			return 1;
		}
		printf("%lld\n", answer);
		fflush(stdout);
	}
	return 0;
}
