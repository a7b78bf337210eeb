/* SPDX-License-Identifier: MIT */
/* One sampled process: which Lua VMs it has now, and what names its addresses. */
#ifndef ACUPOINT_PROCESS_H
#define ACUPOINT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/failure.h"
#include "luajit/vm.h"
#include "naming/functions.h"
#include "naming/id_map.h"
#include "naming/phase.h"
#include "native/mapped_memory.h"
#include "native/symbols.h"
#include "nginx/request_layout.h"
#include "walk/taken_sample.h"

/* The work of a process's collectors as seen between two accounts of its memory. */
struct gc_watch {
	uint64_t low, high; /* of what they count together; low above high: not seen */
	uint32_t cycles;    /* ended since the process was added */
	uint8_t phase;	    /* of the first VM, last */
};

struct process {
	pid_t pid;
	int pidfd; /* tells this process from a later one of the same pid */
	struct memory memory;
	struct native_symbols *symbols;
	struct functions *functions;
	struct lua_vm *vms[SAMPLE_VMS];
	size_t vm_count;
	struct id_map native_frames; /* address -> frame of the model */
	uint64_t mappings_hash;
	struct gc_watch collectors;
	struct mapped_memory mapped; /* when its mappings were last looked at */
	uint64_t looked_ms, followed_ms;
	struct request_layout request;
	struct phase_votes phases;
	uint64_t request_looked_ms; /* when its layout was last looked for */
	uint32_t request_polls;	    /* and how often */
	uint64_t request_met;	    /* by the last sample that had one, since then; or 0 */
	bool request_news;  /* the sampler does not know yet all that is known of the layout */
	bool fleeting;	    /* a VM of it has gone while it ran */
	bool look_again;    /* a sample ran a VM that is not known */
	bool exited;	    /* when samples were last asked for */
	uint64_t exited_ms; /* when it was last seen to run */
	/* CPU time when its sampling began, when it was last held against its samples, and now. */
	uint64_t cpu_before_ns, cpu_held_ns, cpu_ns;
	uint64_t sampled_us; /* that samples stood for since it was last held */
	bool told_unsupported, told_unreadable;
	uint32_t told_found;
};

/* Looks for VMs too. NULL with `error`. */
struct process *process_open(pid_t pid, struct identities *identities, uint64_t now_ms,
			     const struct notices *notices, struct failure *error);
void process_free(struct process *p);

/* Also notes the CPU time that it has used. */
bool process_exited(struct process *p);
/*
 * Drops VMs that are closed and looks for new ones where the mappings have changed. True if the set
 * of VMs is another now.
 */
bool process_look(struct process *p, uint64_t now_ms, const struct notices *notices);
/* The VM of a sample; one that was not known is made of its siblings' layout. NULL: none. */
struct lua_vm *process_vm(struct process *p, uint64_t global);
void process_describe(const struct process *p, struct sampled_process *out);
/* Are both addresses in one mapping, so that they can be of one thread's stack? */
bool process_same_mapping(struct process *p, uint64_t a, uint64_t b);

#endif
