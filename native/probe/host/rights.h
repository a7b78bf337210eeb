/* SPDX-License-Identifier: MIT */
/*
 * Files by the rights of the process that is looked at, not by the probe's: its user, its groups,
 * its mount namespace and its root. Nobody reads through it what it may not read itself.
 */
#ifndef ACUPOINT_RIGHTS_H
#define ACUPOINT_RIGHTS_H

#include <sys/types.h>

/*
 * A regular file by its absolute path in the root of `pid`, open for reading. Links are followed
 * inside that root; nothing is opened for reading before it is known to be a regular file. A
 * descriptor, or -errno: -EACCES where that process may not read it, -ENOSYS on kernels before
 * 5.6, -EISDIR or -EINVAL for what is no regular file.
 *
 * The caller takes on that process's user, groups and capabilities over files for the time of the
 * call, where it may (CAP_SETUID, CAP_SETGID); it must be the only thread. Where it may not, the
 * modes of the file and of each folder above it are held against that user, and an access list
 * counts as a refusal.
 */
int rights_open(pid_t pid, const char *path);

#endif
