/* SPDX-License-Identifier: MIT */
/* A uprobe on a process, and what one hit of it costs that process. */
#ifndef ACUPOINT_TRAP_H
#define ACUPOINT_TRAP_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Puts a BPF program behind an instruction of a file, `fd`, for one process (0: this one). The
 * kernel takes it out again when what is returned is closed, however that comes about. -errno where
 * it cannot be.
 */
int trap_open(pid_t pid, int fd, uint64_t offset, int program);

/* By trying it out on the probe itself; 0 or -errno. Takes some milliseconds. */
int trap_measure(int program, uint64_t *ns);

#endif
