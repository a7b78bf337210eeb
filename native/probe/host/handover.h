/* SPDX-License-Identifier: MIT */
/* Messages between two processes of the probe, which hand open descriptors over. */
#ifndef ACUPOINT_HANDOVER_H
#define ACUPOINT_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { HANDOVER_MOST = 8 };

/* Sends all bytes as one message with up to HANDOVER_MOST descriptors, which stay the caller's. */
bool handover_send(int socket, const void *bytes, size_t size, const int *descriptors,
		   size_t count);

/*
 * Waits for one message. Its size, 0 at the end, -1 with errno. `*count` says how many descriptors
 * there is room for, and then how many came; all are closed on exec, and more than that are closed.
 */
ssize_t handover_receive(int socket, void *bytes, size_t capacity, int *descriptors, size_t *count);

#endif
