/* SPDX-License-Identifier: MIT */
/* Files as a target sees them and by its rights, without being led outside its root or into a
 * device. */
#ifndef ACUPOINT_TARGET_FILE_H
#define ACUPOINT_TARGET_FILE_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* A descriptor as rights_open() gives it (host/rights.h), asked for by reach(); or -errno. */
int target_open(pid_t pid, const char *path, struct stat *out);

/* Writes what such an error means, for the user. */
void target_error_text(int error, const char *path, char *text, size_t capacity);

/* Reads at most capacity - 1 bytes of such a file from its start and ends them with NUL. Bytes or
 * -errno. */
ssize_t target_read(pid_t pid, const char *path, char *out, size_t capacity);

#endif
