/* SPDX-License-Identifier: MIT */
/*
 * A function's name in the source, read at the line that defines it. Better than its caller's name
 * for it: after a tail call the caller's instruction names another function.
 */
#ifndef ACUPOINT_DEFINITION_H
#define ACUPOINT_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "naming/chunk.h"

/* The function that is looked for, as its prototype says. */
struct defined {
	uint32_t first_line, last_line;
	int parameters; /* `self` included; -1: not known */
};

enum source_trust {
	SOURCE_NONE,	/* there is none to believe */
	SOURCE_DOUBTED, /* it may have changed between the loading of the code and now */
	SOURCE_SURE,
};

/*
 * The last part of the name ("access" of "function Handler:access"), as it stands in the chunk's
 * file in the target's root, or in the chunk's name where that is the source. A file is not
 * believed that was written after the process started, nor a line that defines another function
 * than this: of other parameters, or without an end where this ends. It is doubted where it was
 * written after the nginx master started, which may have loaded the code before. Returns the
 * length, 0 where the line does not say.
 */
size_t definition_name(pid_t pid, const struct chunk *chunk, const struct defined *function,
		       enum source_trust *trust, char *out, size_t capacity);

/* Does any line of the source define a function by this name? False where it cannot be read. */
bool definition_exists(pid_t pid, const struct chunk *chunk, const char *name, size_t length);

/* The name in one line of Lua. */
size_t definition_in_line(const char *line, size_t length, char *out, size_t capacity);

#endif
