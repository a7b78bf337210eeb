/* SPDX-License-Identifier: MIT */
/* The processes whose requests are watched, and the uprobes in them. */
#ifndef ACUPOINT_REQUEST_SET_H
#define ACUPOINT_REQUEST_SET_H

#include <linux/types.h>

#include "instruments/requests/request_program.h"
#include "instruments/requests/request_site.h"
#include "instruments/trap_orders.h"

enum { REQUEST_LEAVING_MAX = 1024 };

struct request_set {
	bool texts; /* URIs and hosts are wanted */
	struct request_program program;
	struct trap_orders traps;
	struct request_site **sites;
	size_t count, capacity;
	int leaving[REQUEST_LEAVING_MAX]; /* uprobes of processes that are not watched any more */
	size_t leaving_count;
	enum trap_step step; /* the dearest that any process has */
	/* Of processes that have left. */
	uint64_t watched_ns, elapsed_ns;
	uint64_t own_ns;     /* CPU time of the thread that places uprobes */
	uint64_t closing_ns; /* of targets, while uprobes go */
};

/* Sums over processes: that they were watched, and that they could have been. */
struct request_watched {
	uint64_t watched_ns, elapsed_ns;
};

/* `set` is 0, but for `texts`. 0, or -1 with `error` and nothing to close. */
int request_set_open(struct request_set *set, const struct request_takers *takers,
		     struct failure *error);
/* Takes no uprobe out. */
void request_set_close(struct request_set *set);

struct request_site *request_set_find(const struct request_set *set, pid_t pid);
/* A process that there is no room for is not watched. */
void request_set_add(struct request_set *set, const struct process *p);
void request_set_remove(struct request_set *set, pid_t pid);
/* Learns from a copy and gives what it says; false where that is not all. */
bool request_set_learn(struct request_set *set, const struct request_whole *w,
		       struct request_end *out);

/* Notes what was placed and taken out since. */
void request_set_collect(struct request_set *set);
/*
 * Has uprobes placed in all processes, or in one (0: none), and taken out of the others. True while
 * something is on its way.
 */
bool request_set_order(struct request_set *set, bool all, pid_t one);

struct request_watched request_set_watched(const struct request_set *set);
/* CPU time that it has cost targets. */
uint64_t request_set_target_ns(const struct request_set *set);

#endif
