/* SPDX-License-Identifier: MIT */
/* Capabilities of the calling thread, as sets of bits. */
#ifndef ACUPOINT_CAPABILITIES_H
#define ACUPOINT_CAPABILITIES_H

#include <stdint.h>

#include <linux/capability.h>

/* Headers older than 5.9 do not have these. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF 39
#endif
#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40
#endif

#define CAPABILITY(name) (1ULL << CAP_##name)

uint64_t capabilities_effective(void);
uint64_t capabilities_permitted(void);
/* The effective ones alone; those that are permitted stay. 0 or -errno. */
int capabilities_set_effective(uint64_t set);
/* Leaves none within bounds, so that no program that is executed can have any. Needs CAP_SETPCAP;
 * without it nothing happens. */
void capabilities_drop_bounds(void);
/*
 * Keeps of what is permitted those in `set`, effective, and nothing else: none is inheritable or
 * ambient. 0 or -errno.
 */
int capabilities_keep(uint64_t set);

#endif
