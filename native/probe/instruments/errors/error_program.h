/* SPDX-License-Identifier: MIT */
/* The BPF program that watches what goes wrong, as the instrument talks to it. */
#ifndef ACUPOINT_ERROR_PROGRAM_H
#define ACUPOINT_ERROR_PROGRAM_H

#include <linux/types.h>
#include <stdbool.h>

#include "instruments/errors/error_watch.h"
#include "instruments/trap.h"
#include "instruments/walker_object.h"
#include "walk/taken_sample.h"

struct ring_buffer;

struct error_program {
	struct walker_maps maps;
	bool loaded;
	enum trap_kind kind;
	struct ring_buffer *ring;
	const struct error_sums *sums; /* the program's */
	uint64_t trap_ns[2];	       /* by enum trap_step; 0: not measured yet */
	/* Takes an event, or the sample that came with the last one: then the other is NULL. */
	void (*take)(void *context, const struct error_event *event,
		     const struct taken_sample *sample);
	void *context;
};

/* `take` and `context` are set. 0, or -1 with `error` and nothing to close. */
int error_program_open(struct error_program *p, struct failure *error);
void error_program_close(struct error_program *p);

/* The program knows the process from now on. 0 or -errno. */
int error_program_put(struct error_program *p, pid_t pid, const struct error_place *place);
void error_program_drop(struct error_program *p, pid_t pid);
/* Hands over what came in. */
void error_program_drain(struct error_program *p);
/* Returns the cost of a hit, measured when it is first asked for. */
uint64_t error_program_trap_ns(struct error_program *p, enum trap_step step);
uint64_t error_hits(const struct error_sums *s);

#endif
