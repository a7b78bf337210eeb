/* SPDX-License-Identifier: MIT */
#include "heap/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define VARINT_MAX 10

static size_t varint(uint8_t *out, uint64_t number)
{
	size_t size = 0;

	for (; number >= 0x80; number >>= 7)
		out[size++] = (uint8_t)(number | 0x80);
	out[size++] = (uint8_t)number;
	return size;
}

static void write_out(struct stream *s, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	ssize_t n;

	while (size && !s->broken) {
		n = write(s->fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		s->broken = n <= 0;
		at += n;
		size -= (size_t)n;
	}
}

static void record(struct stream *s, enum stream_tag tag, const void *payload, size_t size)
{
	uint8_t head[1 + VARINT_MAX];

	head[0] = (uint8_t)tag;
	write_out(s, head, 1 + varint(head + 1, size));
	write_out(s, payload, size);
}

void stream_open(struct stream *s, int fd)
{
	memset(s, 0, sizeof(*s));
	s->fd = fd;
	write_out(s, "ACPHEAP1", 8);
}

void stream_numbers(struct stream *s, enum stream_tag tag, const uint64_t *numbers, size_t count)
{
	uint8_t payload[4 * VARINT_MAX];
	size_t size = 0, i;

	for (i = 0; i < count && i < 4; i++)
		size += varint(payload + size, numbers[i]);
	record(s, tag, payload, size);
}

void stream_failure(struct stream *s, int kind, const char *text)
{
	uint8_t payload[600];
	size_t size = varint(payload, (uint64_t)kind), length = strnlen(text, 512);

	memcpy(payload + size, text, length);
	record(s, TAG_FAILURE, payload, size + length);
}

static void pack(struct stream *s, int flush)
{
	int result;

	/* Speed counts for more than size: the worker's host does this. */
	if (!s->zips && deflateInit(&s->zip, Z_BEST_SPEED) != Z_OK)
		s->broken = true;
	if (s->broken)
		return;
	s->zips = true;
	s->zip.next_in = s->plain;
	s->zip.avail_in = (uInt)s->filled;
	s->filled = 0;
	do {
		s->zip.next_out = s->packed;
		s->zip.avail_out = sizeof(s->packed);
		result = deflate(&s->zip, flush);
		if (s->zip.avail_out < sizeof(s->packed))
			record(s, TAG_GRAPH, s->packed, sizeof(s->packed) - s->zip.avail_out);
	} while (s->zip.avail_in || (flush == Z_FINISH && result == Z_OK));
}

void stream_put_bytes(struct stream *s, const void *bytes, size_t size)
{
	if (!size)
		return;
	if (size > sizeof(s->plain) - s->filled)
		pack(s, Z_NO_FLUSH);
	memcpy(s->plain + s->filled, bytes, size);
	s->filled += size;
}

void stream_put(struct stream *s, uint64_t number)
{
	if (sizeof(s->plain) - s->filled < VARINT_MAX)
		pack(s, Z_NO_FLUSH);
	s->filled += varint(s->plain + s->filled, number);
}

bool stream_end(struct stream *s)
{
	pack(s, Z_FINISH);
	if (s->zips)
		deflateEnd(&s->zip);
	record(s, TAG_END, NULL, 0);
	return !s->broken;
}
