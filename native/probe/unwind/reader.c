/* SPDX-License-Identifier: MIT */
#include "unwind/reader.h"

/* Bits beyond the 64th are dropped; a number of more than 10 bytes is a failure. */
static uint64_t leb128(struct reader *r, unsigned int *shift, uint8_t *last)
{
	uint64_t value = 0;

	for (*shift = 0; *shift < 70; *shift += 7) {
		*last = (uint8_t)reader_number(r, 1);
		if (*shift < 64)
			value |= (uint64_t)(*last & 0x7f) << *shift;
		if (!(*last & 0x80)) {
			*shift += 7;
			return value;
		}
	}
	r->failed = true;
	return 0;
}

uint64_t reader_uleb128(struct reader *r)
{
	unsigned int shift;
	uint8_t last;

	return leb128(r, &shift, &last);
}

int64_t reader_sleb128(struct reader *r)
{
	unsigned int shift;
	uint8_t last;
	uint64_t value = leb128(r, &shift, &last);

	if (last & 0x40 && shift < 64)
		value |= ~0ULL << shift;
	return (int64_t)value;
}
