/* SPDX-License-Identifier: MIT */
/* What reach() gives of /proc and of the files of targets. Nothing of it can be written to. */
#include "host/reach.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/procfs.h"
#include "host/rights.h"

#define READ_ONLY (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

/* A '#' stands for a number. Files that a process keeps to itself (environ, fd/3) are missing. */
static const char *const readable[] = {
	"mem",
	"maps",
	"pagemap",
	"exe",
	"fd",
	"task",
	"stat",
	"status",
	"cmdline",
	"cgroup",
	"schedstat",
	"net/tcp",
	"net/tcp6",
	"net/unix",
	"task/#/stat",
	"task/#/status",
	"task/#/children",
};
static const char *const links[] = {"exe", "cwd", "root", "fd/#"};

static bool fits(const char *name, const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern != '#') {
			if (*name++ != *pattern)
				return false;
			continue;
		}
		if (*name < '0' || *name > '9')
			return false;
		while (*name >= '0' && *name <= '9')
			name++;
	}
	return !*name;
}

static bool is_among(const char *name, const char *const *patterns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fits(name, patterns[i]))
			return true;
	}
	return false;
}

static int proc_path(const struct reach_request *request, const char *const *names, size_t count,
		     char *out, size_t capacity)
{
	if (request->pid <= 0 || !is_among(request->text, names, count))
		return -EPERM;
	snprintf(out, capacity, "/proc/%d/%s", request->pid, request->text);
	return 0;
}

static int open_proc(const struct reach_request *request)
{
	char path[REACH_PATH + 32];
	int fd = proc_path(request, readable, sizeof(readable) / sizeof(*readable), path,
			   sizeof(path));

	if (fd)
		return fd;
	fd = open(path, READ_ONLY);
	return fd < 0 ? -errno : fd;
}

static void read_link(const struct reach_request *request, struct reach_answer *answer)
{
	char path[REACH_PATH + 32];
	ssize_t length;

	answer->result =
		proc_path(request, links, sizeof(links) / sizeof(*links), path, sizeof(path));
	if (answer->result)
		return;
	length = readlink(path, answer->text, PATH_MAX);
	if (length < 0)
		answer->result = -errno;
	answer->text_length = length < 0 ? 0 : (uint32_t)length;
	answer->text[answer->text_length] = '\0';
}

/* No device is mapped as code, but it may be in the way. */
static int open_mapped(const struct reach_request *request)
{
	struct stat stat;
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", request->pid,
		 (unsigned long long)request->values[0], (unsigned long long)request->values[1]);
	fd = open(path, READ_ONLY);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

static void list_pids(struct reach_answer *answer)
{
	size_t room = REACH_TEXT - sizeof(pid_t);
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t pid;

	if (!proc) {
		answer->result = -errno;
		return;
	}
	while (answer->text_length < room && (entry = readdir(proc))) {
		pid = proc_parse_pid(entry->d_name);
		if (!pid)
			continue;
		memcpy(answer->text + answer->text_length, &pid, sizeof(pid));
		answer->text_length += sizeof(pid);
	}
	closedir(proc);
}

void reach_answer_files(const struct reach_request *request, int descriptor,
			struct reach_answer *answer, int *descriptors)
{
	int fd;

	(void)descriptor;
	switch (request->op) {
	case REACH_LINK:
		read_link(request, answer);
		return;
	case REACH_PIDS:
		list_pids(answer);
		return;
	case REACH_PROC:
		fd = open_proc(request);
		break;
	case REACH_MAPPED:
		fd = open_mapped(request);
		break;
	case REACH_FILE:
		fd = rights_open(request->pid, request->text);
		break;
	default:
		fd = -ENOSYS;
	}
	answer->result = fd < 0 ? fd : 0;
	answer->descriptors = fd >= 0;
	descriptors[0] = fd;
}
