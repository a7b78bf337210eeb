/* SPDX-License-Identifier: MIT */
#include "wire/fields.h"

#include "model/utf8.h"

#include <pb_encode.h>

bool encode_text(pb_ostream_t *stream, const pb_field_t *field, const char *bytes, size_t length)
{
	static const pb_byte_t replacement[] = {0xef, 0xbf, 0xbd};
	size_t valid = 0;

	if (!pb_encode_tag_for_field(stream, field) ||
	    !pb_encode_varint(stream, utf8_clean_length(bytes, length)))
		return false;
	for (size_t i = 0; i < length;) {
		size_t size = utf8_sequence(bytes + i, length - i);

		i += size ? size : 1;
		if (size) {
			valid += size;
			continue;
		}
		if (!pb_write(stream, (const pb_byte_t *)bytes + i - 1 - valid, valid) ||
		    !pb_write(stream, replacement, sizeof(replacement)))
			return false;
		valid = 0;
	}
	return pb_write(stream, (const pb_byte_t *)bytes + length - valid, valid);
}

static bool text_callback(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct field_text *text = *arg;

	/* proto3 leaves out what is empty. */
	return !text->length || encode_text(stream, field, text->bytes, text->length);
}

static bool bytes_callback(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct field_text *bytes = *arg;

	return !bytes->length ||
	       (pb_encode_tag_for_field(stream, field) &&
		pb_encode_string(stream, (const pb_byte_t *)bytes->bytes, bytes->length));
}

static uint32_t number_at(const struct field_numbers *numbers, size_t i)
{
	return *(const uint32_t *)((const char *)numbers->first + i * numbers->stride);
}

static bool numbers_callback(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct field_numbers *numbers = *arg;
	pb_ostream_t sizing = PB_OSTREAM_SIZING;

	if (!numbers->count)
		return true;
	for (size_t i = 0; i < numbers->count; i++) {
		if (!pb_encode_varint(&sizing, number_at(numbers, i)))
			return false;
	}
	if (!pb_encode_tag(stream, PB_WT_STRING, field->tag) ||
	    !pb_encode_varint(stream, sizing.bytes_written))
		return false;
	for (size_t i = 0; i < numbers->count; i++) {
		if (!pb_encode_varint(stream, number_at(numbers, i)))
			return false;
	}
	return true;
}

pb_callback_t field_entries(bool (*encode)(pb_ostream_t *, const pb_field_t *, void *const *),
			    const void *arg)
{
	pb_callback_t result;

	result.funcs.encode = encode;
	result.arg = (void *)arg;
	return result;
}

pb_callback_t field_text(const struct field_text *text)
{
	return field_entries(text_callback, text);
}

pb_callback_t field_bytes(const struct field_text *bytes)
{
	return field_entries(bytes_callback, bytes);
}

pb_callback_t field_numbers(const struct field_numbers *numbers)
{
	return field_entries(numbers_callback, numbers);
}
