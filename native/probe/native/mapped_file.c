/* SPDX-License-Identifier: MIT */
#include "native/mapped_file.h"

#include "host/target_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* A link of /proc that leads to the file itself. No device is mapped as code, but it may be in the
 * way. */
static int open_link(const char *path, struct stat *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	if (fstat(fd, out) == 0 && S_ISREG(out->st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

/* The device differs on overlay and btrfs file systems; the inode number does not, and is not given
 * to another file as long as this one is mapped. */
static int only_if_mapped(int fd, const struct mapping *mapping, const struct stat *stat)
{
	if (fd < 0 || stat->st_ino == mapping->inode)
		return fd;
	close(fd);
	return -ESTALE;
}

int mapped_file_open(pid_t pid, const struct mapping *mapping, struct stat *out)
{
	char path[96];
	int fd, exe;

	/* For root, and for whoever may checkpoint. */
	snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", pid,
		 (unsigned long long)mapping->start, (unsigned long long)mapping->end);
	fd = open_link(path, out);
	if (fd >= 0)
		return fd;
	fd = mapping->deleted ? -ENOENT : target_open(pid, mapping->path, out);
	fd = only_if_mapped(fd, mapping, out);
	if (fd >= 0)
		return fd;
	/* The executable stays within reach, whatever became of its path. */
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	exe = only_if_mapped(open_link(path, out), mapping, out);
	return exe >= 0 ? exe : fd;
}
