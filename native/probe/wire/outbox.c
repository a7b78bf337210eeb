/* SPDX-License-Identifier: MIT */
#include "wire/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/array.h"

enum { KEPT_CAPACITY = 64 * 1024 };

void outbox_init(struct outbox *o, int fd)
{
	memset(o, 0, sizeof(*o));
	o->fd = fd;
}

void outbox_free(struct outbox *o)
{
	free(o->bytes);
	o->bytes = NULL;
}

size_t outbox_pending(const struct outbox *o)
{
	return o->end - o->start;
}

uint8_t *outbox_reserve(struct outbox *o, size_t size)
{
	size_t pending = outbox_pending(o);

	if (size > OUTBOX_CAPACITY || pending > OUTBOX_CAPACITY - size)
		return NULL;
	if (o->start && o->end + size > o->capacity) {
		memmove(o->bytes, o->bytes + o->start, pending);
		o->start = 0;
		o->end = pending;
	}
	if (!array_reserve(o->bytes, o->capacity, o->end + size, KEPT_CAPACITY))
		return NULL;
	return o->bytes + o->end;
}

void outbox_commit(struct outbox *o, size_t size)
{
	o->end += size;
}

int outbox_flush(struct outbox *o)
{
	while (o->start < o->end) {
		ssize_t n = write(o->fd, o->bytes + o->start, o->end - o->start);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return errno == EAGAIN ? 0 : -errno;
		}
		o->start += (size_t)n;
	}
	o->start = 0;
	o->end = 0;
	if (o->capacity > KEPT_CAPACITY) {
		/* A burst is over: its memory goes back. */
		free(o->bytes);
		o->bytes = NULL;
		o->capacity = 0;
	}
	return 0;
}
