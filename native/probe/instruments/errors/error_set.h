/* SPDX-License-Identifier: MIT */
/* The processes that are watched, and the uprobes in them. */
#ifndef ACUPOINT_ERROR_SET_H
#define ACUPOINT_ERROR_SET_H

#include "instruments/errors/error_program.h"
#include "instruments/errors/error_rows.h"
#include "instruments/errors/error_sites.h"
#include "instruments/trap_orders.h"

enum { ERROR_LEAVING_MAX = 256 };

struct error_process {
	pid_t pid;
	struct error_sites sites;
	int traps[ERROR_KINDS]; /* the uprobes that stand; -1: none does */
	bool stands, wanted;	/* wanted: being placed */
	int refused;		/* errno of the last uprobe that was not placed; or 0 */
	/* When they were first placed, and last; nanoseconds that they stood before. */
	uint64_t first_ns, placed_ns, watched_ns;
	/* An event whose stack has not come yet, and the number of the one at the last look. */
	struct error_event open;
	bool is_open;
	uint64_t waited;
	struct last_thrown last;
};

struct error_set {
	struct error_program program;
	struct trap_orders traps;
	struct error_process **processes;
	size_t count, capacity;
	/* Uprobes of processes that are not watched any more. */
	int leaving[ERROR_LEAVING_MAX][ERROR_KINDS];
	size_t leaving_count;
	enum trap_step step; /* the dearest that any process has */
	/* Of processes that have left. */
	uint64_t watched_ns, elapsed_ns;
	uint64_t own_ns;     /* CPU time of the thread that places uprobes */
	uint64_t closing_ns; /* of targets, while uprobes go */
};

/* Sums over processes: that they were watched, and that they could have been. */
struct error_watched {
	uint64_t watched_ns, elapsed_ns;
};

/* `program.take` and `program.context` are set. 0, or -1 with `error` and nothing to close. */
int error_set_open(struct error_set *set, struct failure *error);
/* Takes out all uprobes, which the kernel does when they are closed. */
void error_set_close(struct error_set *set);

struct error_process *error_set_find(const struct error_set *set, pid_t pid);
/* A process that there is no room for is not watched. */
void error_set_add(struct error_set *set, pid_t pid);
void error_set_remove(struct error_set *set, pid_t pid);

/* Notes what was placed and taken out since. */
void error_set_collect(struct error_set *set);
/*
 * Has uprobes placed in all processes, or in one (0: none), and taken out of the others. True while
 * something is on its way.
 */
bool error_set_order(struct error_set *set, bool all, pid_t one);

struct error_watched error_set_watched(const struct error_set *set);
/* CPU time that it has cost targets. */
uint64_t error_set_target_ns(const struct error_set *set);

#endif
