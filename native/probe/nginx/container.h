/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_CONTAINER_H
#define ACUPOINT_CONTAINER_H

#include <stddef.h>
#include <sys/types.h>

/* Short id (docker, containerd, podman, Kubernetes) or name (LXC, systemd-nspawn) of its container;
 * else "". */
void container_of(pid_t pid, char *out, size_t capacity);
/* The same from the text of /proc/PID/cgroup. */
void container_in_cgroup(const char *cgroup, char *out, size_t capacity);

#endif
