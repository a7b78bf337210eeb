/* SPDX-License-Identifier: MIT */
/*
 * A heap snapshot on its way out, in the order in which extension/analysis/heap/decode.ts reads it.
 *
 * "ACPHEAP1", then records: a tag, the length of the payload, the payload. All numbers are varints.
 *
 *   1 progress  stage (1: copying, 2: reading), done, total
 *   2 taken     microseconds that the worker stood, bytes copied
 *   3 failure   FailureKind, then the text
 *   4 graph     a piece of a zlib stream, see walk.h
 *   5 end
 */
#ifndef ACUPOINT_STREAM_H
#define ACUPOINT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

enum stream_tag { TAG_PROGRESS = 1, TAG_TAKEN, TAG_FAILURE, TAG_GRAPH, TAG_END };
enum stream_stage { STAGE_COPYING = 1, STAGE_READING };

struct stream {
	int fd;
	bool broken; /* nobody reads it, or memory is out: nothing more is written */
	z_stream zip;
	bool zips;
	size_t filled;
	uint8_t plain[32768], packed[32768];
};

void stream_open(struct stream *s, int fd);
void stream_numbers(struct stream *s, enum stream_tag tag, const uint64_t *numbers, size_t count);
void stream_failure(struct stream *s, int kind, const char *text);
/* Ends the graph, and the stream. True if all of it was written. */
bool stream_end(struct stream *s);

/* Into the graph. */
void stream_put(struct stream *s, uint64_t number);
void stream_put_bytes(struct stream *s, const void *bytes, size_t size);

#endif
