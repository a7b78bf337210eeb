/* SPDX-License-Identifier: MIT */
/* Opening the very file that a process has mapped, also where its path leads to another by now. */
#ifndef ACUPOINT_MAPPED_FILE_H
#define ACUPOINT_MAPPED_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "native/symbols.h"

/*
 * A descriptor, or -errno: -ENOENT or -ESTALE where the file was deleted or replaced (an upgrade
 * while the worker runs) and the kernel does not let us have the old one. The last few files stay
 * open for two seconds, since each is wanted several times; a trace calls mapped_files_forget().
 */
int mapped_file_open(pid_t pid, const struct mapping *mapping, struct stat *out);
/* Closes those that were opened two seconds ago, or all. */
void mapped_files_forget(bool all);

#endif
