/* SPDX-License-Identifier: MIT */
#include "host/target_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_path(pid_t pid, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	char root[64];
	int root_fd, fd;

	snprintf(root, sizeof(root), "/proc/%d/root", pid);
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return -errno;
	/* -EAGAIN: a rename or mount came in between and the kernel could not be sure of the root.
	 */
	for (int tries = 0; tries < 8; tries++) {
		fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	if (fd < 0)
		fd = -errno;
	close(root_fd);
	return fd;
}

int target_open(pid_t pid, const char *path, struct stat *out)
{
	char self[64];
	int fd, path_fd;

	if (path[0] != '/')
		return -EINVAL;
	path_fd = open_path(pid, path);
	if (path_fd < 0)
		return path_fd;
	if (fstat(path_fd, out)) {
		fd = -errno;
	} else if (!S_ISREG(out->st_mode)) {
		fd = S_ISDIR(out->st_mode) ? -EISDIR : -EINVAL;
	} else {
		snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
		fd = open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd < 0)
			fd = -errno;
	}
	close(path_fd);
	return fd;
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
		reason = "the probe may not read it. Connect as root or as the user that owns it";
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
