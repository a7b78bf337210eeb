/* SPDX-License-Identifier: MIT */
/*
 * What the source calls a function, read at the line that defines it. Better than what a caller
 * calls it: after a tail call the caller's instruction names another function.
 */
#ifndef ACUPOINT_DEFINITION_H
#define ACUPOINT_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "naming/chunk.h"

/*
 * The last part of the name ("access" of "function Handler:access"), as it stands in the chunk's
 * file in the target's root, or in the chunk's name where that is the source. A file that was
 * changed after the process started is not believed. Returns the length, 0 where the line does not
 * say.
 */
size_t definition_name(pid_t pid, const struct chunk *chunk, uint32_t line, char *out,
		       size_t capacity);

/* Does any line of the source define a function by this name? False where it cannot be read. */
bool definition_exists(pid_t pid, const struct chunk *chunk, const char *name, size_t length);

/* The name in one line of Lua. */
size_t definition_in_line(const char *line, size_t length, char *out, size_t capacity);

#endif
