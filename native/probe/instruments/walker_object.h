/* SPDX-License-Identifier: MIT */
/*
 * The BPF object, which holds the programs that walk. It is loaded once for each of them, so that
 * one may interrupt the other: what they know of processes they share, what they write to they do
 * not.
 */
#ifndef ACUPOINT_WALKER_OBJECT_H
#define ACUPOINT_WALKER_OBJECT_H

#include "host/failure.h"
#include "instruments/trap.h"

struct walker;

enum walker_kind {
	WALKER_SAMPLES,	 /* samples threads */
	WALKER_WATCHES,	 /* watches allocations */
	WALKER_SWITCHES, /* watches threads leave the CPU */
	WALKER_ERRORS,	 /* watches what goes wrong */
	WALKER_LOOP,	 /* watches iterations of event loops */
	WALKERS,
};

/* Descriptors of its maps. */
struct walker_maps {
	int processes, unwind_spaces, unwind_chunks, unwind_cache; /* that can be shared */
	int samples, counts;
	int control;	  /* of an instrument: orders for its program */
	int error_places; /* of the program that watches what goes wrong */
	int places;	  /* WALKER_LOOP: whose orders stand where; else -1 */
};

struct walker_object {
	struct walker *bpf;
	int program;
	int clock, trap; /* of WALKER_LOOP: its further programs */
	struct walker_maps maps;
};

/*
 * Loads one program; `trap`: the kind of trap that it stands behind, if it does. All but the one
 * that samples threads share its maps. 0, or -1 with `error`, and nothing to free.
 */
int walker_object_load(struct walker_object *o, enum walker_kind which,
		       const struct walker_maps *shared, enum trap_kind trap,
		       struct failure *error);
void walker_object_free(struct walker_object *o);

#endif
