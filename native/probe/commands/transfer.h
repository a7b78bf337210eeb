/* SPDX-License-Identifier: MIT */
/* Files of the target on their way to the reader, a chunk at a time as the reader takes them. */
#ifndef ACUPOINT_TRANSFER_H
#define ACUPOINT_TRANSFER_H

#include "wire/outbox.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { TRANSFER_MAX_FILES = 8, TRANSFER_MAX_BYTES = 8 << 20 };

struct transfer {
	uint32_t request; /* 0: free */
	int fd;
	uint64_t size, offset, modified_us;
};

struct transfers {
	struct transfer files[TRANSFER_MAX_FILES];
};

/* Opens the file, or answers with a failure. 0, or -ENOBUFS as the wire's functions. */
int transfer_begin(struct transfers *t, struct outbox *o, uint32_t request, pid_t pid,
		   const char *path);
/* Puts chunks into the outbox while it is not busy. */
int transfer_continue(struct transfers *t, struct outbox *o);
bool transfer_waits(const struct transfers *t);
void transfer_end(struct transfers *t);

#endif
