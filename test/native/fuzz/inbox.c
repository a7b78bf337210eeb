/* SPDX-License-Identifier: MIT */
/* What comes on stdin, cut anywhere, to what takes messages out of it. */
#include "bytes.h"

#include "wire/inbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct inbox in;
	struct bytes bytes = {data, size};
	acupoint_wire_v1_ToProbe message;
	enum inbox_result result = INBOX_NOTHING;
	size_t piece;

	inbox_init(&in, -1);
	while (bytes.size && result != INBOX_CORRUPT) {
		/* As inbox_read() does, which reads from a descriptor. */
		memmove(in.bytes, in.bytes + in.start, in.end - in.start);
		in.end -= in.start;
		in.start = 0;
		piece = 1 + bytes_number(&bytes, 1) * 64;
		if (piece > bytes.size)
			piece = bytes.size;
		if (piece > sizeof(in.bytes) - in.end)
			break;
		memcpy(in.bytes + in.end, bytes.data, piece);
		in.end += piece;
		bytes.data += piece;
		bytes.size -= piece;
		do {
			result = inbox_next(&in, &message);
		} while (result == INBOX_MESSAGE);
		if (in.start > in.end || in.end > sizeof(in.bytes))
			__builtin_trap();
	}
	return 0;
}
