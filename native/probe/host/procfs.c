/* SPDX-License-Identifier: MIT */
#include "host/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/reach.h"

/* PF_FORKNOEXEC of the kernel's sched.h: an exec takes it away. */
enum { FORKED_WITHOUT_EXEC = 0x40 };

/* Closes `fd`, which may be -errno. */
static ssize_t read_all(int fd, char *out, size_t capacity)
{
	size_t length = 0;

	out[0] = '\0';
	if (fd < 0)
		return fd;
	while (length < capacity - 1) {
		ssize_t n = read(fd, out + length, capacity - 1 - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			n = -errno;
			close(fd);
			out[0] = '\0';
			return n;
		}
		if (n == 0)
			break;
		length += (size_t)n;
	}
	close(fd);
	out[length] = '\0';
	return (ssize_t)length;
}

ssize_t file_read(const char *path, char *out, size_t capacity)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return read_all(fd < 0 ? -errno : fd, out, capacity);
}

/* Most of /proc is for everyone, and is read often: who has privilege is asked for the rest. */
int proc_open(pid_t pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 && errno != EMFILE ? reach_proc(pid, name) : fd < 0 ? -errno : fd;
}

ssize_t proc_read(pid_t pid, const char *name, char *out, size_t capacity)
{
	return read_all(proc_open(pid, name), out, capacity);
}

DIR *proc_folder(pid_t pid, const char *name)
{
	int fd = proc_open(pid, name);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (fd < 0)
		errno = -fd;
	else if (!folder)
		close(fd);
	return folder;
}

FILE *proc_stream(pid_t pid, const char *name)
{
	int fd = proc_open(pid, name);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd < 0)
		errno = -fd;
	else if (!stream)
		close(fd);
	return stream;
}

ssize_t proc_link(pid_t pid, const char *name, char *out, size_t capacity)
{
	return reach_link(pid, name, out, capacity);
}

int proc_stat(pid_t pid, struct proc_stat *out)
{
	char text[1024], *open_bracket, *close_bracket;
	unsigned long long utime, stime, start;
	unsigned int flags;
	long long rss;
	int parent, session;
	ssize_t n = proc_read(pid, "stat", text, sizeof(text));

	if (n < 0)
		return (int)n;
	/* The name in brackets is the process's to choose and may hold brackets. */
	open_bracket = strchr(text, '(');
	close_bracket = strrchr(text, ')');
	if (!open_bracket || !close_bracket || close_bracket < open_bracket)
		return -EPROTO;
	if (sscanf(close_bracket + 1,
		   " %c %d %*d %d %*d %*d %u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d "
		   "%llu %*u %lld",
		   &out->state, &parent, &session, &flags, &utime, &stime, &start, &rss) != 8)
		return -EPROTO;
	snprintf(out->name, sizeof(out->name), "%.*s", (int)(close_bracket - open_bracket - 1),
		 open_bracket + 1);
	out->parent = parent;
	out->session = session;
	out->forked = flags & FORKED_WITHOUT_EXEC;
	out->cpu_ticks = utime + stime;
	out->start_time = start;
	out->rss_bytes = rss > 0 ? (uint64_t)rss * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
	return 0;
}

static uint64_t kilobytes_after(const char *text, const char *label)
{
	const char *at = strstr(text, label);

	return at ? strtoull(at + strlen(label), NULL, 10) * 1024 : 0;
}

void proc_resident(pid_t pid, struct proc_resident *out)
{
	char text[4096];

	/* The name is the first line, in which a line's end is written as an escape. */
	proc_read(pid, "status", text, sizeof(text));
	out->anon = kilobytes_after(text, "\nRssAnon:");
	out->file = kilobytes_after(text, "\nRssFile:");
	out->shared = kilobytes_after(text, "\nRssShmem:");
	out->swapped = kilobytes_after(text, "\nVmSwap:");
}

bool proc_may_read(pid_t pid)
{
	int fd = reach_proc(pid, "mem");

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

pid_t proc_parse_pid(const char *text)
{
	char *end;
	long value;

	if (*text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtol(text, &end, 10);
	return *end || errno || value <= 0 || value > INT_MAX ? 0 : (pid_t)value;
}
