/* SPDX-License-Identifier: MIT */
/*
 * Memory of string buffers, which the collector counts and lists nowhere: a userdata leads to it.
 * Source: SBufExt in LuaJIT's lj_buf.h, struct SBuf in lj_obj.h.
 */
#ifndef ACUPOINT_BUFFERS_H
#define ACUPOINT_BUFFERS_H

#include "heap/objects.h"

struct string_buffer {
	uint64_t bytes; /* of its own: 0 where it shows a string's */
	/* The string it shows, and the tables of string.buffer's dictionaries; 0: none. */
	uint64_t references[3];
};

/* False where this userdata, whose head is given, is no string buffer. */
bool string_buffer_of(const struct objects *o, uint64_t address, const uint8_t *head,
		      struct string_buffer *out);

/* Bytes of the VM's own buffer, in which it makes strings; 0: it was not found. */
uint64_t vm_buffer_bytes(const struct objects *o, uint64_t global);

#endif
