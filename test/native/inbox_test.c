/* SPDX-License-Identifier: MIT */
/* modules: wire/inbox.c build/gen/acupoint.pb.c */
#include "check.h"

#include "wire/inbox.h"

#include <errno.h>
#include <pb_encode.h>
#include <unistd.h>

static size_t encode_ping(uint8_t *out, size_t capacity, uint32_t request)
{
	pb_ostream_t stream = pb_ostream_from_buffer(out, capacity);
	acupoint_wire_v1_ToProbe message = {.request = request,
					    .which_command = acupoint_wire_v1_ToProbe_ping_tag};

	message.command.ping.sent_us = 1234567890123;
	CHECK(pb_encode_ex(&stream, acupoint_wire_v1_ToProbe_fields, &message,
			   PB_ENCODE_DELIMITED));
	return stream.bytes_written;
}

/* The messages come out the same however the stream is cut. */
static void takes_messages_in_pieces(void)
{
	acupoint_wire_v1_ToProbe message;
	uint8_t bytes[256];
	size_t length = 0;
	int ends[2];

	for (uint32_t i = 1; i <= 3; i++)
		length += encode_ping(bytes + length, sizeof(bytes) - length, i);
	for (size_t piece = 1; piece <= length; piece++) {
		static struct inbox in;
		uint32_t taken = 0;

		CHECK(!pipe(ends));
		inbox_init(&in, ends[0]);
		for (size_t at = 0; at < length; at += piece) {
			size_t size = length - at < piece ? length - at : piece;

			CHECK(write(ends[1], bytes + at, size) == (ssize_t)size);
			CHECK(inbox_read(&in) == (ptrdiff_t)size);
			while (inbox_next(&in, &message) == INBOX_MESSAGE) {
				CHECK(message.request == ++taken);
				CHECK(message.command.ping.sent_us == 1234567890123);
			}
		}
		CHECK(taken == 3);
		close(ends[1]);
		CHECK(inbox_read(&in) == 0);
		close(ends[0]);
	}
}

static enum inbox_result first_result(const uint8_t *bytes, size_t length)
{
	acupoint_wire_v1_ToProbe message;
	static struct inbox in;
	enum inbox_result result;

	inbox_init(&in, -1);
	memcpy(in.bytes, bytes, length);
	in.end = length;
	do {
		result = inbox_next(&in, &message);
	} while (result == INBOX_MESSAGE);
	return result;
}

static void refuses_what_is_not_of_the_protocol(void)
{
	static const uint8_t too_long[] = {0xff, 0xff, 0x7f}, endless[] = {0x80, 0x80, 0x80, 0x80};
	static const uint8_t no_request[] = {0x00}, torn[] = {0x02, 0x08, 0xff};
	uint8_t noise[4096];

	CHECK(first_result(too_long, sizeof(too_long)) == INBOX_CORRUPT);
	CHECK(first_result(endless, sizeof(endless)) == INBOX_CORRUPT);
	CHECK(first_result(no_request, sizeof(no_request)) == INBOX_CORRUPT);
	CHECK(first_result(torn, sizeof(torn)) == INBOX_CORRUPT);
	srand(1);
	for (int round = 0; round < 5000; round++) {
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (uint8_t)(rand() >> 8);
		first_result(noise, (size_t)rand() % sizeof(noise));
	}
}

int main(void)
{
	RUN(takes_messages_in_pieces());
	RUN(refuses_what_is_not_of_the_protocol());
	return CHECKS_RESULT;
}
