/* SPDX-License-Identifier: MIT */
#include "native/mapped_file.h"

#include "host/reach.h"
#include "host/target_file.h"
#include "host/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Unwinding and naming look into the same files within moments, for each process that maps them. */
enum { KEPT = 16, KEPT_MS = 2000 };

/* While a file is open no other one gets its inode. */
struct kept {
	uint32_t device;
	uint64_t inode;
	uint64_t opened_ms;
	int fd;
};

static struct kept kept[KEPT];
static size_t kept_count;
/* A burst's thread opens files, too. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

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

static int ask(pid_t pid, const struct mapping *mapping, struct stat *out)
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

static const struct kept *find(const struct mapping *mapping)
{
	for (size_t i = 0; i < kept_count; i++) {
		if (kept[i].inode == mapping->inode && kept[i].device == mapping->device)
			return &kept[i];
	}
	return NULL;
}

/* They stand in the order in which they were opened. */
static void close_first(size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(kept[i].fd);
	kept_count -= count;
	memmove(kept, kept + count, kept_count * sizeof(*kept));
}

static void keep(const struct mapping *mapping, int fd)
{
	int copy = fd < 0 || !mapping->inode ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return;
	if (kept_count == KEPT)
		close_first(1);
	kept[kept_count++] =
		(struct kept){mapping->device, mapping->inode, clock_monotonic_ms(), copy};
}

int mapped_file_open(pid_t pid, const struct mapping *mapping, struct stat *out)
{
	const struct kept *known;
	int fd;

	pthread_mutex_lock(&lock);
	known = find(mapping);
	if (known) {
		fd = fcntl(known->fd, F_DUPFD_CLOEXEC, 0);
		fd = fd < 0 ? -errno : with_stat(fd, out);
	} else {
		fd = ask(pid, mapping, out);
		keep(mapping, fd);
	}
	pthread_mutex_unlock(&lock);
	return fd;
}

void mapped_files_forget(bool all)
{
	uint64_t now = clock_monotonic_ms();
	size_t old = 0;

	pthread_mutex_lock(&lock);
	while (old < kept_count && (all || now - kept[old].opened_ms >= KEPT_MS))
		old++;
	if (old)
		close_first(old);
	pthread_mutex_unlock(&lock);
}
