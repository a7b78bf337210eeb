/* SPDX-License-Identifier: MIT */
/* What the memory of traced workers is now, read while they run. */
#ifndef ACUPOINT_WORKER_MEMORY_H
#define ACUPOINT_WORKER_MEMORY_H

#include <stdint.h>

#include "trace/process.h"

enum { GC_PHASE_UNKNOWN = 6 };

struct worker_memory {
	uint32_t pid;
	uint64_t rss_bytes;
	uint64_t gc_total, gc_threshold, gc_estimate; /* of all VMs */
	uint32_t gc_phase;			      /* of the VM that counts most */
	uint32_t vms;
};

void worker_memory_read(const struct process *p, struct worker_memory *out);

#endif
