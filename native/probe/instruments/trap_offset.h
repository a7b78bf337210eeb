/* SPDX-License-Identifier: MIT */
/* Where in an executable's file a uprobe on a function stands best. */
#ifndef ACUPOINT_TRAP_OFFSET_H
#define ACUPOINT_TRAP_OFFSET_H

#include <stdint.h>

#include "instruments/trap.h"

struct elf_image;

/* Of an address as the file has it; 0: it is in no segment. */
uint64_t trap_file_offset(const struct elf_image *image, uint64_t address);
/*
 * Behind the mark of a place that may be jumped to, where a function at `offset` begins with one:
 * no argument has been overwritten yet. `step` becomes TRAP_STEPPED where the kernel does not
 * emulate the instruction.
 */
uint64_t trap_behind_mark(int fd, uint64_t offset, enum trap_step *step);

#endif
