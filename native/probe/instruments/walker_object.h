/* SPDX-License-Identifier: MIT */
/*
 * The BPF object, which holds two programs that walk alike. It is loaded once for each of them, so
 * that one may interrupt the other: what they know of processes they share, what they write to they
 * do not.
 */
#ifndef ACUPOINT_WALKER_OBJECT_H
#define ACUPOINT_WALKER_OBJECT_H

#include "host/failure.h"
#include "instruments/trap.h"

struct walker;

enum walker_kind {
	WALKER_SAMPLES, /* samples threads */
	WALKER_WATCHES, /* watches allocations */
	WALKERS,
};

/* Descriptors of its maps. */
struct walker_maps {
	int processes, unwind_spaces, unwind_chunks, unwind_cache; /* that can be shared */
	int samples, counts, watches;
};

struct walker_object {
	struct walker *bpf;
	int program;
	struct walker_maps maps;
};

/*
 * The program that samples threads, where `shared` is NULL; else the one that watches allocations
 * behind such a trap, with the maps of the other. 0, or -1 with `error`, and nothing to free.
 */
int walker_object_load(struct walker_object *o, const struct walker_maps *shared,
		       enum trap_kind trap, struct failure *error);
void walker_object_free(struct walker_object *o);

#endif
