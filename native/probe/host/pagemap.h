/* SPDX-License-Identifier: MIT */
/*
 * Which pages of a process it has ever used: to read one that it has not would have the kernel make
 * page tables for it, in the name of the process.
 */
#ifndef ACUPOINT_PAGEMAP_H
#define ACUPOINT_PAGEMAP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes a page has here, whatever the host's have. */
#define PAGEMAP_PAGE 4096
/* Of an entry: present, or swapped out. */
#define PAGEMAP_USED (3ULL << 62)

/* A descriptor, or -1. */
int pagemap_open(pid_t pid);
/*
 * An entry for each of `count` pages from `address` on. Where the kernel does not tell, or has
 * larger pages, all are in use.
 */
void pagemap_read(int pagemap, uint64_t address, size_t count, uint64_t *out);

#endif
