/* SPDX-License-Identifier: MIT */
/* Symbols that were taken out of a file and stand in one of their own. */
#ifndef ACUPOINT_DEBUG_FILE_H
#define ACUPOINT_DEBUG_FILE_H

#include "native/elf.h"

enum { DEBUG_FILE_PATH = 1400 };

/*
 * Looks where distributions put it: /usr/lib/debug/.build-id by the build-id, and what
 * .gnu_debuglink names beside the file, in .debug and in /usr/lib/debug, all in the root of `pid`.
 * `path` is that of the file `of`. It counts only if its build-id is the same: what a link's
 * checksum is of would have to be read whole. A descriptor, with its path in `found`, or -1.
 */
int debug_file_open(pid_t pid, const struct elf_source *of, const char *path,
		    char found[DEBUG_FILE_PATH]);

#endif
