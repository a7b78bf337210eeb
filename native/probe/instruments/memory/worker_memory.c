/* SPDX-License-Identifier: MIT */
#include "instruments/memory/worker_memory.h"

#include <stddef.h>

#include "luajit/collector.h"
#include "luajit/segments.h"

/* More than a process can have is what a VM that is being closed leaves behind. */
#define TOTAL_MAX (1ULL << 47)

static bool read_vm(const struct lua_vm *vm, struct worker_memory *out, uint64_t *most)
{
	struct collector_offsets at = collector_offsets(&vm->layout);
	uint64_t total, threshold, estimate, debt, segments;
	uint8_t phase;

	/* Collectors of builds without GC64 keep their figures elsewhere. */
	if (vm->layout.gc32 || !memory_u64(&vm->memory, vm->global + at.total, &total) ||
	    !memory_u64(&vm->memory, vm->global + at.threshold, &threshold) ||
	    !memory_u64(&vm->memory, vm->global + at.estimate, &estimate) ||
	    !memory_u64(&vm->memory, vm->global + at.debt, &debt) ||
	    !memory_read(&vm->memory, vm->global + at.state, &phase, 1) || total > TOTAL_MAX)
		return false;
	out->gc_total += total;
	/* A collector that is switched off has a threshold that is never reached. */
	out->gc_threshold += threshold < TOTAL_MAX ? threshold : 0;
	out->gc_estimate += estimate < TOTAL_MAX ? estimate : 0;
	out->gc_debt += debt < TOTAL_MAX ? debt : 0;
	if (allocator_segments(vm, &segments)) {
		out->lua_segments += segments;
		out->lua_allocators++;
	}
	if (total >= *most) {
		*most = total;
		out->gc_phase = phase < GC_PHASE_UNKNOWN ? phase : GC_PHASE_UNKNOWN;
	}
	return true;
}

/* The beginning of GCState, up to its phase. */
struct collector {
	uint64_t total, threshold;
	uint8_t white, phase;
};
#define COLLECTOR_READ (offsetof(struct collector, phase) + 1)

void worker_memory_look(struct process *p)
{
	struct gc_watch *seen = &p->collectors;
	struct collector c;
	uint64_t total = 0;

	for (size_t i = 0; i < p->vm_count; i++) {
		const struct lua_vm *vm = p->vms[i];

		if (vm->layout.gc32 ||
		    !memory_read(&vm->memory, vm->global + collector_offsets(&vm->layout).total, &c,
				 COLLECTOR_READ) ||
		    c.total > TOTAL_MAX)
			return;
		total += c.total;
		if (i)
			continue;
		seen->cycles += seen->phase && !c.phase;
		seen->phase = c.phase;
	}
	if (!p->vm_count)
		return;
	if (total < seen->low)
		seen->low = total;
	if (total > seen->high)
		seen->high = total;
}

void worker_memory_read(struct process *p, struct worker_memory *out)
{
	struct proc_stat stat;
	uint64_t most = 0, split;
	size_t i;

	*out = (struct worker_memory){.pid = (uint32_t)p->pid, .gc_phase = GC_PHASE_UNKNOWN};
	if (!proc_stat(p->pid, &stat))
		out->rss_bytes = stat.rss_bytes;
	proc_resident(p->pid, &out->resident);
	/* Read at one time, so that the parts add up to it. */
	split = out->resident.anon + out->resident.file + out->resident.shared;
	if (split)
		out->rss_bytes = split;
	out->mapped = p->mapped;
	worker_memory_look(p);
	out->seen = p->collectors;
	if (out->seen.low > out->seen.high)
		out->seen.low = out->seen.high;
	p->collectors.low = UINT64_MAX;
	p->collectors.high = 0;
	for (i = 0; i < p->vm_count; i++)
		out->vms += vm_alive(p->vms[i]) && read_vm(p->vms[i], out, &most);
}
