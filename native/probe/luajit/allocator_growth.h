/* SPDX-License-Identifier: MIT */
/* Where in the code of a VM's allocator only those calls come by that ask for memory. */
#ifndef ACUPOINT_ALLOCATOR_GROWTH_H
#define ACUPOINT_ALLOCATOR_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As many bytes of the function as allocator_growth() looks at. */
enum { ALLOCATOR_HEAD = 16 };

/*
 * The distance from the beginning of f(ud, ptr, osize, nsize) to a branch that calls with nsize 0
 * do not reach, where no argument has been overwritten yet and which the kernel emulates. 0: the
 * code is another.
 */
size_t allocator_growth(const uint8_t code[ALLOCATOR_HEAD]);

#endif
