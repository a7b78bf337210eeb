/* SPDX-License-Identifier: MIT */
/* One sample through the probe's own walk and naming, to the text that a person can check. */
#ifndef ACUPOINT_SCENE_H
#define ACUPOINT_SCENE_H

#include "recording.h"
#include "unwind/unwind.h"

struct scene {
	pid_t pid;
	/* Live: names come from these, and unwinding tables from `unwind`. Else all are NULL. */
	struct native_symbols *symbols;
	struct unwind_memory *memory;
	struct unwind *unwind;
	int slot; /* the process's among the unwinder's spaces */
	struct lua_vm *const *vms;
};

struct scene_result {
	char *text; /* malloc'ed: a line about the sample, then a frame a line, root first */
	size_t head_length; /* of the first line */
	bool lost;	    /* Lua ran and its stack was not found, or not to its root */
	uint64_t wanted;    /* an address whose unwinding rules are not loaded; 0: none */
};

/* Walks `sample` again, with nothing left of walks before. False where memory is out. */
bool scene_walk(const struct scene *scene, struct recorded_sample *sample,
		struct scene_result *out);

#endif
