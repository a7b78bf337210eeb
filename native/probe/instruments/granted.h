/* SPDX-License-Identifier: MIT */
/*
 * Objects that the kernel gives the sampler only with privilege: BPF, events, uprobes. Asked for by
 * reach(); whoever answers keeps the objects, the asker works with descriptors of their maps.
 */
#ifndef ACUPOINT_GRANTED_H
#define ACUPOINT_GRANTED_H

#include <stdint.h>
#include <sys/types.h>

#include "host/failure.h"
#include "host/reach.h"
#include "instruments/event.h"
#include "instruments/requests_object.h"
#include "instruments/trap.h"
#include "instruments/walker_object.h"

/* Answers REACH_LOAD to REACH_HURRY; of other requests, what host/reach.h says of files. */
void granted_answer(const struct reach_request *request, int descriptor,
		    struct reach_answer *answer, int *descriptors);

/*
 * Loads one program and gives the maps that are its own; those that all share come with the first.
 * 0, or -1 with `error`. granted_unload() closes the maps and lets go of the program.
 */
int granted_load(enum walker_kind which, enum trap_kind trap, struct walker_maps *maps,
		 struct failure *error);
void granted_unload(enum walker_kind which, struct walker_maps *maps);
/* The same for the programs that watch requests. */
int granted_load_requests(enum trap_kind trap, struct requests_maps *maps, struct failure *error);
void granted_unload_requests(struct requests_maps *maps);

/*
 * The calling thread runs as soon as it is woken from now on, where that is allowed, since a thread
 * waits for it or runs on before it is read. It may not be busy for longer than a sample takes.
 */
void granted_hurry(void);
/* A map of unwind rows; the descriptor or -errno. */
int granted_chunk(void);
/* The event of a thread; behind EVENT_CLOCK and EVENT_LOOP is a program. Likewise. */
int granted_event(enum event_kind kind, pid_t tid, uint64_t period_ns);
/*
 * A program, loaded for such a trap, behind an instruction of the file `fd`, for one process. The
 * kernel takes it out again when what is returned is closed, however that comes about. Likewise.
 */
int granted_trap(enum trap_program program, enum trap_kind kind, pid_t pid, int fd,
		 uint64_t offset);

/*
 * The program of WALKER_SWITCHES or WALKER_LOOP that watches threads leave the CPU, on all CPUs,
 * until what is returned is closed. Likewise.
 */
int granted_switches(enum walker_kind which);

#endif
