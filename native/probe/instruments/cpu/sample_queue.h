/* SPDX-License-Identifier: MIT */
/* Samples on their way from the thread that takes them to the one that names them. */
#ifndef ACUPOINT_SAMPLE_QUEUE_H
#define ACUPOINT_SAMPLE_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLE_QUEUE_SIZE (1u << 20)

struct sample_queue {
	atomic_uint_least64_t put, taken; /* bytes since the beginning */
	uint8_t *bytes;
};

bool sample_queue_init(struct sample_queue *q);
void sample_queue_free(struct sample_queue *q);
/* False when there is no room for it. */
bool sample_queue_put(struct sample_queue *q, const void *record, size_t size);
/* The oldest record, in place until sample_queue_next(); NULL: there is none. */
const void *sample_queue_peek(struct sample_queue *q, size_t *size);
void sample_queue_next(struct sample_queue *q);

#endif
