/* SPDX-License-Identifier: MIT */
/*
 * Places uprobes in processes and takes them out again, on a thread of its own. One order at a
 * time.
 */
#ifndef ACUPOINT_TRAP_ORDERS_H
#define ACUPOINT_TRAP_ORDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "instruments/burst_thread.h"
#include "instruments/trap.h"

enum { TRAP_ORDERS_MAX = 64, TRAPS_AN_ORDER = 4 };

struct trap_order {
	pid_t pid;			 /* 0: `traps` are taken out */
	int fd;				 /* of the executable, of its own; -1: there is none */
	int fds[TRAPS_AN_ORDER];	 /* of other files, likewise; -1: it is in `fd` */
	uint64_t offset[TRAPS_AN_ORDER]; /* of instructions; 0: none is to be placed */
	int traps[TRAPS_AN_ORDER];	 /* what was placed, or is to be taken out; -1: none */
	int error;   /* errno, where one that is needed was not placed: then none are */
	int refused; /* errno of any that was not placed; or 0 */
	uint64_t done_ns;
};

struct trap_orders {
	struct burst_thread thread;
	enum trap_kind kind;
	const enum trap_program *programs;	   /* one for each trap of an order */
	int needed;				   /* the first so many */
	struct trap_order orders[TRAP_ORDERS_MAX]; /* the thread's while it works */
	size_t count;
	uint64_t cpu_ns; /* that the thread took for them */
	uint64_t closing_ns;
};

/* 0 or -errno. */
int trap_orders_open(struct trap_orders *t, enum trap_kind kind, const enum trap_program *programs,
		     int needed);
void trap_orders_close(struct trap_orders *t);

/* Room for one more order, while none is carried out; NULL: there is none. */
struct trap_order *trap_orders_new(struct trap_orders *t);
/* Carries out what was ordered, if anything was. */
void trap_orders_start(struct trap_orders *t);
/* True once for each start: the orders are carried out, until the next trap_orders_new(). */
bool trap_orders_done(struct trap_orders *t);
void trap_orders_wait(struct trap_orders *t);

#endif
