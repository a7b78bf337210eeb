/* SPDX-License-Identifier: MIT */
#include "native/mapped_file.h"

#include "host/reach.h"
#include "host/target_file.h"

#include <errno.h>
#include <unistd.h>

static int with_stat(int fd, struct stat *out)
{
	if (fd < 0 || (fstat(fd, out) == 0 && S_ISREG(out->st_mode)))
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
	int fd, exe;

	/* For root, and for whoever may checkpoint. */
	fd = with_stat(reach_mapped(pid, mapping->start, mapping->end), out);
	if (fd >= 0)
		return fd;
	fd = mapping->deleted ? -ENOENT : target_open(pid, mapping->path, out);
	fd = only_if_mapped(fd, mapping, out);
	if (fd >= 0)
		return fd;
	/* The executable stays within reach, whatever became of its path. */
	exe = only_if_mapped(with_stat(reach_proc(pid, "exe"), out), mapping, out);
	return exe >= 0 ? exe : fd;
}
