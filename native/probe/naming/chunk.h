/* SPDX-License-Identifier: MIT */
/* A chunk's name as the VM holds it: "@file", "=tag", or the source text itself. */
#ifndef ACUPOINT_CHUNK_H
#define ACUPOINT_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/memory.h"
#include "luajit/layout.h"
#include "model/model.h"

struct chunk {
	char *text; /* up to 64 KiB, not NUL-terminated */
	size_t length;
};

/* Empty where the string cannot be read. */
void chunk_read(struct chunk *c, const struct memory *m, const struct layout *layout,
		uint64_t string);
void chunk_free(struct chunk *c);

/* Both return the length of what they wrote. */
size_t chunk_main_name(const struct chunk *c, char *out, size_t capacity);
/*
 * "called file.lua:42", or "file.lua:42" where `called` is empty: what has no name of its own is
 * known by its place. A name must be enough to tell functions apart, and other tools take what
 * stands in brackets for arguments.
 */
size_t chunk_place_name(const struct chunk *c, uint32_t line, const char *called, char *out,
			size_t capacity);
/* "file.luac#2" of the number 2: what has no place either. */
size_t chunk_numbered(const struct chunk *c, const char *number, size_t number_length, char *out,
		      size_t capacity);
/* Chunks that were loaded from a dump without a name have its bytes for one: that is no text. */
bool chunk_is_dump(const char *text, size_t length);
/* "access" of "=access_by_lua(nginx.conf:12)", as a string of the model; 0: none. */
uint32_t chunk_phase(const struct chunk *c, struct model *model);

#endif
