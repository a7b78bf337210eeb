/* SPDX-License-Identifier: MIT */
/* nanopb callbacks that encode fields of any length from where they are, without a copy. */
#ifndef ACUPOINT_FIELDS_H
#define ACUPOINT_FIELDS_H

#include <pb.h>
#include <stddef.h>
#include <stdint.h>

struct field_text {
	const char *bytes;
	size_t length;
};

/* Every `stride` bytes from `first` on there is one value. */
struct field_numbers {
	const uint32_t *first;
	size_t count, stride;
};

/* The struct must live until the message has been encoded. Texts are made valid UTF-8. */
pb_callback_t field_text(const struct field_text *text);
pb_callback_t field_bytes(const struct field_text *bytes);
pb_callback_t field_numbers(const struct field_numbers *numbers);
/* Anything else: `encode` gets `arg`. */
pb_callback_t field_entries(bool (*encode)(pb_ostream_t *, const pb_field_t *, void *const *),
			    const void *arg);

bool encode_text(pb_ostream_t *stream, const pb_field_t *field, const char *bytes, size_t length);

#endif
