/* SPDX-License-Identifier: MIT */
/* Another process's memory, by whole pages that are kept for a moment. */
#ifndef ACUPOINT_TARGET_PAGES_H
#define ACUPOINT_TARGET_PAGES_H

#include <stdint.h>
#include <sys/types.h>

/* All that was kept is forgotten: what comes is of another moment. */
void target_pages_begin(pid_t pid);
/* 0 when all of it was read. */
long target_pages_read(void *out, uint32_t size, uint64_t address);

#endif
