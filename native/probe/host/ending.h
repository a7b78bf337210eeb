/* SPDX-License-Identifier: MIT */
/* How a process that is not a child of ours ended. */
#ifndef ACUPOINT_ENDING_H
#define ACUPOINT_ENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* PIDFD_GET_INFO with its first form of 64 bytes, which older headers do not have. */
#define ENDING_IOCTL 0xc040ff0bU

struct ending {
	bool known; /* Linux 6.15 and later say it */
	int status; /* as wait() gives it */
};

/* False where the kernel will say, and its parent has not taken note yet. */
bool ending_of(int pidfd, struct ending *out);
/* By a signal, or with an exit code that is not 0. */
bool ending_is_fault(const struct ending *ending);
/* One sentence for the user. */
void ending_text(const struct ending *ending, pid_t pid, char *out, size_t capacity);

#endif
