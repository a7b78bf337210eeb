/* SPDX-License-Identifier: MIT */
/*
 * Places uprobes in processes and takes them out again, on a thread of its own. One order at a
 * time.
 */
#ifndef ACUPOINT_REQUEST_TRAPS_H
#define ACUPOINT_REQUEST_TRAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "instruments/burst_thread.h"
#include "instruments/requests/request_code.h"
#include "instruments/trap.h"

enum { TRAP_ORDERS_MAX = 64 };

struct trap_order {
	pid_t pid;
	int fd;				/* of the executable, of its own; -1: takes out */
	uint64_t offset[REQUEST_TRAPS]; /* of instructions; 0: none is to be placed */
	int traps[REQUEST_TRAPS];	/* what was placed, or is to be taken out; -1: none */
	int error; /* errno, where one that requests need was not placed: then none are */
	uint64_t done_ns;
};

struct request_traps {
	struct burst_thread thread;
	enum trap_kind kind;
	struct trap_order orders[TRAP_ORDERS_MAX]; /* the thread's while it works */
	size_t count;
	uint64_t cpu_ns; /* that the thread took for them */
	uint64_t closing_ns;
};

/* 0 or -errno. */
int request_traps_open(struct request_traps *t, enum trap_kind kind);
void request_traps_close(struct request_traps *t);

/* Room for one more order, while none is carried out; NULL: there is none. */
struct trap_order *request_traps_order(struct request_traps *t);
/* Carries out what was ordered, if anything was. */
void request_traps_start(struct request_traps *t);
/* True once for each start: the orders are carried out, until the next request_traps_order(). */
bool request_traps_done(struct request_traps *t);
void request_traps_wait(struct request_traps *t);

#endif
