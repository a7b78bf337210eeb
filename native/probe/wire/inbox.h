/* SPDX-License-Identifier: MIT */
/* Messages to the probe, cut out of the stream on stdin. */
#ifndef ACUPOINT_INBOX_H
#define ACUPOINT_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acupoint.pb.h"

/* The largest command is a ReadFile with its path. */
enum { INBOX_MAX_MESSAGE = 8 * 1024 };

struct inbox {
	int fd;
	size_t start, end;
	uint8_t bytes[2 * INBOX_MAX_MESSAGE];
};

enum inbox_result {
	INBOX_MESSAGE, /* one was taken */
	INBOX_NOTHING, /* no whole one is there yet */
	INBOX_CORRUPT, /* not of this protocol: nothing after it can be trusted */
};

void inbox_init(struct inbox *in, int fd);
/* Reads once, without waiting. Bytes read; 0 at the end of the stream; -errno, -EAGAIN among them.
 */
ptrdiff_t inbox_read(struct inbox *in);
enum inbox_result inbox_next(struct inbox *in, acupoint_wire_v1_ToProbe *out);

#endif
