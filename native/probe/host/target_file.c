/* SPDX-License-Identifier: MIT */
#include "host/target_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/reach.h"

int target_open(pid_t pid, const char *path, struct stat *out)
{
	int fd = path[0] == '/' ? reach_file(pid, path) : -EINVAL;

	if (fd < 0 || !fstat(fd, out))
		return fd;
	close(fd);
	return -EIO;
}

void target_error_text(int error, const char *path, char *text, size_t capacity)
{
	const char *reason;

	switch (-error) {
	case ENOSYS:
		reason =
			"this kernel is older than 5.6 and cannot open it safely (openat2). Open a "
			"copy from your workspace instead";
		break;
	case EISDIR:
		reason = "it is a folder";
		break;
	case EINVAL:
		reason = "it is no regular file, or its path is not absolute";
		break;
	case ELOOP:
		reason = "it leads through too many links, or through one of /proc";
		break;
	case ENOENT:
	case ENOTDIR:
		reason = "there is no such file on the target (any more)";
		break;
	case ESRCH:
		reason = "the process has exited";
		break;
	case EACCES:
	case EPERM:
		reason = "the process that names it may not read it itself, and the probe reads "
			 "by that process's rights. Open a copy from your workspace instead";
		break;
	default:
		reason = strerror(-error);
	}
	snprintf(text, capacity, "%s cannot be read: %s.", path, reason);
}

ssize_t target_read(pid_t pid, const char *path, char *out, size_t capacity)
{
	size_t length = 0;
	struct stat stat;
	int fd = target_open(pid, path, &stat);

	out[0] = '\0';
	if (fd < 0)
		return fd;
	while (length < capacity - 1) {
		ssize_t n = pread(fd, out + length, capacity - 1 - length, (off_t)length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	close(fd);
	out[length] = '\0';
	return (ssize_t)length;
}
