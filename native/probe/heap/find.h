/* SPDX-License-Identifier: MIT */
/* The VMs of a process whose heap can be read. */
#ifndef ACUPOINT_FIND_H
#define ACUPOINT_FIND_H

#include "confine/confine.h"
#include "heap/objects.h"
#include "host/failure.h"

enum { HEAP_VMS = 8 };

struct heap_found {
	struct heap_vm vms[HEAP_VMS];
	size_t count;
	uint64_t skip_start;  /* where a mapping begins that certainly holds no Lua; 0: none */
	struct failure error; /* where there are none; without a detail */
};

/*
 * Looks for them in a child that is confined so, and has nothing but the process's memory and its
 * mappings open. False with the error.
 */
bool heap_find(pid_t pid, const struct confinement *c, struct heap_found *out);

#endif
