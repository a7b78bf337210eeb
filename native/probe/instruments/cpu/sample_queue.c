/* SPDX-License-Identifier: MIT */
#include "instruments/cpu/sample_queue.h"

#include <stdlib.h>
#include <string.h>

/* A record is its size in 8 bytes, then itself, up to a multiple of 8. */
#define HEAD 8
/* In the place of a size: the next record is at the start of the memory. */
#define WRAPPED UINT64_MAX

bool sample_queue_init(struct sample_queue *q)
{
	atomic_init(&q->put, 0);
	atomic_init(&q->taken, 0);
	q->bytes = malloc(SAMPLE_QUEUE_SIZE);
	return q->bytes != NULL;
}

void sample_queue_free(struct sample_queue *q)
{
	free(q->bytes);
	q->bytes = NULL;
}

static size_t room_of(size_t size)
{
	return HEAD + ((size + 7) & ~(size_t)7);
}

bool sample_queue_put(struct sample_queue *q, const void *record, size_t size)
{
	uint64_t put = atomic_load(&q->put), taken = atomic_load(&q->taken), length = size;
	size_t at = put % SAMPLE_QUEUE_SIZE, to_end = SAMPLE_QUEUE_SIZE - at, need = room_of(size);
	const uint64_t wrapped = WRAPPED;
	size_t skipped = need > to_end ? to_end : 0;

	if (skipped + need > SAMPLE_QUEUE_SIZE - (put - taken))
		return false;
	if (skipped) {
		memcpy(q->bytes + at, &wrapped, HEAD);
		at = 0;
	}
	memcpy(q->bytes + at, &length, HEAD);
	memcpy(q->bytes + at + HEAD, record, size);
	atomic_store(&q->put, put + skipped + need);
	return true;
}

const void *sample_queue_peek(struct sample_queue *q, size_t *size)
{
	uint64_t taken = atomic_load(&q->taken), length;
	size_t at = taken % SAMPLE_QUEUE_SIZE;

	if (taken == atomic_load(&q->put))
		return NULL;
	memcpy(&length, q->bytes + at, HEAD);
	if (length == WRAPPED) {
		atomic_store(&q->taken, taken + SAMPLE_QUEUE_SIZE - at);
		at = 0;
		memcpy(&length, q->bytes, HEAD);
	}
	*size = length;
	return q->bytes + at + HEAD;
}

void sample_queue_next(struct sample_queue *q)
{
	uint64_t taken = atomic_load(&q->taken), length;

	memcpy(&length, q->bytes + taken % SAMPLE_QUEUE_SIZE, HEAD);
	atomic_store(&q->taken, taken + room_of(length));
}
