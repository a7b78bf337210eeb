/* SPDX-License-Identifier: MIT */
/* Places the uprobes of processes and takes them out again, on a thread of its own. */
#ifndef ACUPOINT_ERROR_TRAPS_H
#define ACUPOINT_ERROR_TRAPS_H

#include "instruments/burst_thread.h"
#include "instruments/errors/error_sites.h"

enum { ERROR_ORDERS_MAX = 64 };

/* Traps are -1 where none stands. */
struct error_order {
	pid_t pid;	      /* whose uprobes are to be placed; 0: `traps` are taken out */
	int fds[ERROR_KINDS]; /* of the files; closed when it is carried out */
	uint64_t offsets[ERROR_KINDS];
	int traps[ERROR_KINDS]; /* to take out, or that were placed */
	int error;		/* errno of one that was not placed; or 0 */
};

struct error_traps {
	struct burst_thread thread;
	enum trap_kind kind;
	struct error_order orders[ERROR_ORDERS_MAX];
	size_t count;
	uint64_t cpu_ns;     /* of the thread, for what was carried out last */
	uint64_t closing_ns; /* that it took to take uprobes out */
};

/* 0 or -errno; error_traps_close() follows in any case. */
int error_traps_open(struct error_traps *t, enum trap_kind kind);
void error_traps_close(struct error_traps *t);

/* NULL while orders are carried out, or where there are too many. Nothing in it stands yet. */
struct error_order *error_traps_order(struct error_traps *t);
/* Has the orders carried out. */
void error_traps_start(struct error_traps *t);
/* True once for orders that are carried out: they can be looked at until the next one is made. */
bool error_traps_done(struct error_traps *t);

#endif
