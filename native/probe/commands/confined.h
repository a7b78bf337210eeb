/* SPDX-License-Identifier: MIT */
/* Says which privileges each command keeps; it gives up the others before it looks at anything. */
#ifndef ACUPOINT_CONFINED_H
#define ACUPOINT_CONFINED_H

#include <stdbool.h>

#include "confine/confine.h"
#include "instruments/cpu/sampler.h"

/* For a list of servers. False with words on stderr, as all here. */
bool confined_list(void);
/*
 * For traces by that sampler, SAMPLER_NONE for the best that works here, and for what serve does
 * besides. Afterwards all is known that only privilege finds out.
 */
bool confined_trace(enum sampler_kind sampler);

/* For the process that copies a worker's memory for a snapshot. */
struct confinement confined_copier(void);
/* For a process that reads the memory of others, by descriptors that it was given where it can. */
struct confinement confined_reader(void);
/* For a process that reads no more than it holds. */
struct confinement confined_parser(void);

#endif
