/* SPDX-License-Identifier: MIT */
/* The memory of traced workers as it is now, read while they run. */
#ifndef ACUPOINT_WORKER_MEMORY_H
#define ACUPOINT_WORKER_MEMORY_H

#include <stdint.h>

#include "host/procfs.h"
#include "naming/process.h"

enum { GC_PHASE_UNKNOWN = 6 };

struct worker_memory {
	uint32_t pid;
	struct gc_watch seen;
	uint64_t rss_bytes;
	struct proc_resident resident;
	uint64_t gc_total, gc_threshold, gc_estimate, gc_debt; /* of all VMs */
	uint32_t gc_phase;				       /* of the VM that counts most */
	uint32_t vms;
	uint64_t lua_segments;	 /* of LuaJIT's own allocator, */
	uint32_t lua_allocators; /* in as many VMs */
	struct mapped_memory mapped;
};

/* Reads all of it, and begins `seen` again. */
void worker_memory_read(struct process *p, struct worker_memory *out);
/* Looks at the collectors alone: one short read for each VM. */
void worker_memory_look(struct process *p);

#endif
