/* SPDX-License-Identifier: MIT */
/* The VMs of a process whose heap can be read. */
#ifndef ACUPOINT_FIND_H
#define ACUPOINT_FIND_H

#include "heap/objects.h"
#include "trace/trace.h"

enum { HEAP_VMS = 8 };

/*
 * How many were found, or 0 with `error`. `skip_start` gets where a mapping begins in which there
 * is no Lua for certain; 0: none.
 */
size_t heap_find_vms(pid_t pid, struct heap_vm *out, uint64_t *skip_start,
		     struct trace_error *error);

#endif
