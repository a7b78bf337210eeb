/* SPDX-License-Identifier: MIT */
/* A fuzzer's bytes, taken from the front or read as a file. */
#ifndef ACUPOINT_BYTES_H
#define ACUPOINT_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "native/elf.h"

struct bytes {
	const uint8_t *data;
	size_t size;
};

static inline uint64_t bytes_number(struct bytes *b, size_t size)
{
	uint64_t value = 0;

	if (size > b->size)
		size = b->size;
	memcpy(&value, b->data, size);
	b->data += size;
	b->size -= size;
	return value;
}

/* As pread: for struct elf_source. */
static inline ssize_t bytes_read(void *context, void *out, size_t size, uint64_t offset)
{
	const struct bytes *b = context;

	if (offset >= b->size)
		return 0;
	if (size > b->size - offset)
		size = b->size - offset;
	memcpy(out, b->data + offset, size);
	return (ssize_t)size;
}

#endif
