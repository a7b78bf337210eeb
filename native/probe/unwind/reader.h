/* SPDX-License-Identifier: MIT */
/*
 * A cursor over bytes that someone else wrote. Reading past the end gives zero and marks the cursor
 * as failed for good; callers test once, after a run of reads.
 */
#ifndef ACUPOINT_UNWIND_READER_H
#define ACUPOINT_UNWIND_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
	const uint8_t *data;
	size_t size, at;
	bool failed;
};

static inline struct reader reader_of(const uint8_t *data, size_t size)
{
	return (struct reader){.data = data, .size = size};
}

static inline size_t reader_left(const struct reader *r)
{
	return r->failed ? 0 : r->size - r->at;
}

static inline void reader_skip(struct reader *r, uint64_t bytes)
{
	if (bytes > reader_left(r))
		r->failed = true;
	else
		r->at += bytes;
}

static inline uint64_t reader_number(struct reader *r, size_t bytes)
{
	uint64_t value = 0;

	if (bytes > 8 || bytes > reader_left(r)) {
		r->failed = true;
		return 0;
	}
	memcpy(&value, r->data + r->at, bytes);
	r->at += bytes;
	return value;
}

static inline int64_t reader_signed(struct reader *r, size_t bytes)
{
	uint64_t value = reader_number(r, bytes);
	unsigned int shift = 64 - 8 * (unsigned int)bytes;

	return shift < 64 ? (int64_t)(value << shift) >> shift : 0;
}

/* A cursor over the next `bytes`, which this one passes. */
static inline struct reader reader_part(struct reader *r, uint64_t bytes)
{
	struct reader part = {.failed = true};

	if (bytes <= reader_left(r))
		part = reader_of(r->data + r->at, bytes);
	reader_skip(r, bytes);
	return part;
}

uint64_t reader_uleb128(struct reader *r);
int64_t reader_sleb128(struct reader *r);

#endif
