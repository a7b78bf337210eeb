/* SPDX-License-Identifier: MIT */
/* What each command gives up before it looks at anything, and what it keeps. */
#ifndef ACUPOINT_CONFINED_H
#define ACUPOINT_CONFINED_H

#include <stdbool.h>

#include "confine/confine.h"
#include "sampler/sampler.h"

/* For a list of servers. False with words on stderr, as all here. */
bool confined_list(void);
/*
 * For traces by that sampler, SAMPLER_NONE for the best that works here, and for what serve does
 * besides. What has to be found out with privilege is known afterwards.
 */
bool confined_trace(enum sampler_kind sampler);

/* What copies a worker's memory for a snapshot. */
struct confinement confined_copier(void);
/* What reads the memory of processes, by descriptors that it was given where that can be. */
struct confinement confined_reader(void);
/* What reads no more than it holds. */
struct confinement confined_parser(void);

#endif
