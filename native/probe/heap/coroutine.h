/* SPDX-License-Identifier: MIT */
/* Whose code a coroutine runs: the functions of its frames, or the one that it will begin with. */
#ifndef ACUPOINT_COROUTINE_H
#define ACUPOINT_COROUTINE_H

#include "heap/objects.h"

/* The ones next to its root are kept: they say whose it is. */
enum { COROUTINE_FUNCTIONS = 64 };

/* Addresses that may be of functions, the root's first; how many there are. */
size_t coroutine_functions(const struct objects *o, const uint8_t *thread,
			   uint64_t out[COROUTINE_FUNCTIONS]);

#endif
