/* SPDX-License-Identifier: MIT */
#include "host/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "host/capabilities.h"
#include "host/procfs.h"

enum { GROUPS = 256, TRIES = 8 };
/* Both override the modes of files for reading. */
#define OVERRIDES (CAPABILITY(DAC_OVERRIDE) | CAPABILITY(DAC_READ_SEARCH))

struct rights {
	uid_t uid;
	gid_t gid, groups[GROUPS];
	size_t group_count;
	bool overrides;
};

static const char *line_of(const char *status, const char *label)
{
	const char *at = strstr(status, label);

	return at ? at + strlen(label) : "";
}

/* Capabilities in another user namespace than ours are none over the files that we open. */
static bool same_users(pid_t pid)
{
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return !stat("/proc/self/ns/user", &ours) && !stat(path, &theirs) &&
	       ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

static int rights_of(pid_t pid, struct rights *out)
{
	char status[8192], path[64], *next, *end;
	unsigned int uid, gid;
	ssize_t n;

	memset(out, 0, sizeof(*out));
	/* Opened here: who answers a question may not ask one. */
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	n = file_read(path, status, sizeof(status));
	if (n < 0)
		return (int)n;
	if (sscanf(line_of(status, "\nUid:"), "%*u %*u %*u %u", &uid) != 1 ||
	    sscanf(line_of(status, "\nGid:"), "%*u %*u %*u %u", &gid) != 1)
		return -ESRCH;
	out->uid = uid;
	out->gid = gid;
	next = (char *)line_of(status, "\nGroups:");
	while (out->group_count < GROUPS && *next && *next != '\n') {
		gid = (unsigned int)strtoul(next, &end, 10);
		if (end == next)
			break;
		out->groups[out->group_count++] = gid;
		next = end + strspn(end, " \t");
	}
	out->overrides =
		(strtoull(line_of(status, "\nCapEff:"), NULL, 16) & OVERRIDES) && same_users(pid);
	return 0;
}

/* A link of /proc needs privilege over the process: before that is given up. */
static int open_root(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_below(int root, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = -1;

	/* -EAGAIN: a rename or mount came in between and the kernel could not be sure of the root.
	 */
	for (int i = 0; i < TRIES; i++) {
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : fd;
}

/* Opens what `path_fd` stands for, if that is a regular file. */
static int open_regular(int path_fd)
{
	struct stat stat;
	char self[64];
	int fd;

	if (fstat(path_fd, &stat))
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return S_ISDIR(stat.st_mode) ? -EISDIR : -EINVAL;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	fd = open(self, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

static int open_file(int root, const char *path)
{
	int path_fd = open_below(root, path, O_PATH), fd;

	if (path_fd < 0)
		return path_fd;
	fd = open_regular(path_fd);
	close(path_fd);
	return fd;
}

/* Of this thread alone: glibc's own functions would change all. */
static bool take_on(const struct rights *r, uint64_t capabilities)
{
	uint64_t kept = capabilities & ~OVERRIDES;

	if (r->overrides)
		kept = capabilities;
	if (syscall(SYS_setgroups, r->group_count, r->groups))
		return false;
	setfsgid(r->gid);
	setfsuid(r->uid);
	/* They say what was before, and nothing of success: a second call tells. */
	return setfsgid(r->gid) == (int)r->gid && setfsuid(r->uid) == (int)r->uid &&
	       capabilities_set_effective(kept) == 0;
}

static void take_back(const struct rights *own, uint64_t capabilities)
{
	bool done = capabilities_set_effective(capabilities) == 0;

	setfsuid(own->uid);
	setfsgid(own->gid);
	if (!done || syscall(SYS_setgroups, own->group_count, own->groups) ||
	    setfsuid(own->uid) != (int)own->uid || setfsgid(own->gid) != (int)own->gid)
		abort();
}

static bool is_member(const struct rights *r, gid_t gid)
{
	for (size_t i = 0; i < r->group_count; i++) {
		if (r->groups[i] == gid)
			return true;
	}
	return r->gid == gid;
}

/* `bit`: of the mode, for others: S_IROTH or S_IXOTH. */
static bool may(const struct rights *r, int fd, mode_t bit)
{
	struct stat stat;
	char self[64];

	if (fstat(fd, &stat))
		return false;
	if (r->overrides)
		return true;
	if (stat.st_uid == r->uid)
		return stat.st_mode & (bit << 6);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (getxattr(self, "system.posix_acl_access", NULL, 0) > 0)
		return false;
	return stat.st_mode & (is_member(r, stat.st_gid) ? bit << 3 : bit);
}

/* May the process come to the file through all folders above it? By modes alone. */
static bool may_reach(const struct rights *r, int root, int file)
{
	char self[64], path[PATH_MAX], *slash;
	struct stat found, wanted;
	ssize_t length;
	int fd;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", file);
	length = readlink(self, path, sizeof(path) - 1);
	if (length <= 0 || path[0] != '/' || fstat(file, &wanted))
		return false;
	path[length] = '\0';
	/* The path is as this process sees it: it must lead to the same file in that root. */
	fd = open_below(root, path, O_PATH);
	if (fd < 0)
		return false;
	length = fstat(fd, &found);
	close(fd);
	if (length || found.st_ino != wanted.st_ino || found.st_dev != wanted.st_dev)
		return false;
	while ((slash = strrchr(path, '/'))) {
		slash[slash == path] = '\0';
		fd = open_below(root, path, O_PATH);
		length = fd >= 0 && may(r, fd, S_IXOTH);
		if (fd >= 0)
			close(fd);
		if (!length)
			return false;
		if (slash == path)
			return true;
	}
	return false;
}

static int open_by_modes(const struct rights *r, int root, const char *path)
{
	int path_fd = open_below(root, path, O_PATH), fd;

	if (path_fd < 0)
		return path_fd;
	fd = may(r, path_fd, S_IROTH) && may_reach(r, root, path_fd) ? open_regular(path_fd)
								     : -EACCES;
	close(path_fd);
	return fd;
}

static bool own_rights(struct rights *out)
{
	int count = getgroups(GROUPS, out->groups);

	out->overrides = false;
	out->uid = geteuid();
	out->gid = getegid();
	out->group_count = count < 0 ? 0 : (size_t)count;
	return count >= 0;
}

int rights_open(pid_t pid, const char *path)
{
	struct rights theirs, own;
	uint64_t capabilities = capabilities_effective();
	int root, fd;

	if (path[0] != '/')
		return -EINVAL;
	fd = rights_of(pid, &theirs);
	if (fd)
		return fd;
	root = open_root(pid);
	if (root < 0)
		return root;
	if ((capabilities & CAPABILITY(SETUID)) && (capabilities & CAPABILITY(SETGID)) &&
	    own_rights(&own)) {
		fd = take_on(&theirs, capabilities) ? open_file(root, path) : -EACCES;
		take_back(&own, capabilities);
	} else {
		fd = open_by_modes(&theirs, root, path);
	}
	close(root);
	return fd;
}
