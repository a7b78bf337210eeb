/* SPDX-License-Identifier: MIT */
#include "wire/inbox.h"

#include <errno.h>
#include <pb_decode.h>
#include <string.h>
#include <unistd.h>

void inbox_init(struct inbox *in, int fd)
{
	in->fd = fd;
	in->start = 0;
	in->end = 0;
}

ptrdiff_t inbox_read(struct inbox *in)
{
	ssize_t n;

	if (in->start) {
		memmove(in->bytes, in->bytes + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	if (in->end == sizeof(in->bytes))
		return -ENOBUFS;
	do {
		n = read(in->fd, in->bytes + in->end, sizeof(in->bytes) - in->end);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	in->end += (size_t)n;
	return n;
}

/* Bytes of the length prefix; 0: not all there; -1: longer than any that is allowed. */
static int read_length(const uint8_t *bytes, size_t available, size_t *length)
{
	size_t value = 0;

	for (size_t i = 0; i < 3; i++) {
		if (i == available)
			return 0;
		value |= (size_t)(bytes[i] & 0x7f) << (7 * i);
		if (!(bytes[i] & 0x80)) {
			*length = value;
			return (int)i + 1;
		}
	}
	return -1;
}

enum inbox_result inbox_next(struct inbox *in, acupoint_wire_v1_ToProbe *out)
{
	size_t available = in->end - in->start, length = 0;
	const uint8_t *bytes = in->bytes + in->start;
	int prefix = read_length(bytes, available, &length);
	pb_istream_t stream;

	if (prefix < 0 || (prefix > 0 && length > INBOX_MAX_MESSAGE))
		return INBOX_CORRUPT;
	if (prefix == 0 || available - (size_t)prefix < length)
		return INBOX_NOTHING;
	in->start += (size_t)prefix + length;
	stream = pb_istream_from_buffer(bytes + prefix, length);
	memset(out, 0, sizeof(*out));
	if (!pb_decode(&stream, acupoint_wire_v1_ToProbe_fields, out) || !out->request)
		return INBOX_CORRUPT;
	return INBOX_MESSAGE;
}
