/* SPDX-License-Identifier: MIT */
/* The instruction of a function that a uprobe stands on. */
#ifndef ACUPOINT_TRAP_SITE_H
#define ACUPOINT_TRAP_SITE_H

#include <stdint.h>

#include "instruments/trap.h"
#include "native/elf.h"

/* The offset in the file of an address of its code; 0: it has none there. */
uint64_t trap_site_offset(const struct elf_image *image, uint64_t address);
/*
 * Returns the offset of the instruction for a uprobe on the function at `offset`: no argument has
 * been overwritten there. Sets `step` where the kernel does not emulate it.
 */
uint64_t trap_site(int fd, uint64_t offset, enum trap_step *step);

#endif
