/* SPDX-License-Identifier: MIT */
/* The BPF programs that watch requests, as the instrument talks to them. */
#ifndef ACUPOINT_REQUEST_PROGRAM_H
#define ACUPOINT_REQUEST_PROGRAM_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/failure.h"
#include "instruments/requests/request_end.h"
#include "instruments/requests_object.h"
#include "instruments/trap.h"

struct ring_buffer;

/* Whoever takes what has ended. */
struct request_takers {
	void (*take)(void *context, const struct request_end *end);
	void (*take_whole)(void *context, const struct request_whole *whole);
	void *context;
};

struct request_program {
	struct requests_maps maps;
	bool loaded;
	enum trap_kind kind;
	struct ring_buffer *ring;
	const struct request_sums *sums; /* the programs' */
	uint64_t trap_ns[2];		 /* by enum trap_step; 0: not measured yet */
	struct request_takers takers;
};

/* 0, or -1 with `error`: what this kernel lacks. request_program_close() follows in any case. */
int request_program_open(struct request_program *p, const struct request_takers *takers,
			 struct failure *error);
void request_program_close(struct request_program *p);

/* Takes requests of the process from now on, as its place says. 0 or -errno. */
int request_program_put(struct request_program *p, pid_t pid, const struct request_place *place);
void request_program_drop(struct request_program *p, pid_t pid);
/* Hands over what has ended; how many. */
int request_program_drain(struct request_program *p);
/* Returns the cost of a hit, measured when it is first asked for. */
uint64_t request_program_trap_ns(struct request_program *p, enum trap_step step);

#endif
