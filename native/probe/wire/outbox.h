/* SPDX-License-Identifier: MIT */
/* What waits to be written to stdout: bounded, so that a reader that does not read costs no memory.
 */
#ifndef ACUPOINT_OUTBOX_H
#define ACUPOINT_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OUTBOX_CAPACITY = 4 << 20,
	/* Above this no batch or file is added: the rest is kept for what the user must hear of. */
	OUTBOX_BUSY = 1 << 20,
};

struct outbox {
	int fd;
	uint8_t *bytes;
	size_t start, end, capacity;
};

void outbox_init(struct outbox *o, int fd);
void outbox_free(struct outbox *o);
size_t outbox_pending(const struct outbox *o);
/* Room for `size` bytes at the end, or NULL when that exceeds the capacity. */
uint8_t *outbox_reserve(struct outbox *o, size_t size);
void outbox_commit(struct outbox *o, size_t size);
/* Writes what the reader takes without waiting. 0, or -errno when it will never take any more. */
int outbox_flush(struct outbox *o);

#endif
