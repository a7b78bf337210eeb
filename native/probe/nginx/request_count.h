/* SPDX-License-Identifier: MIT */
/*
 * How many requests nginx took on, by its own statistics: those of its status module, which it
 * counts whether a page shows them or not. They are in memory that all workers of a master share.
 */
#ifndef ACUPOINT_REQUEST_COUNT_H
#define ACUPOINT_REQUEST_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The numbers of RequestScope in acupoint.proto. */
enum request_scope { REQUESTS_NOT_COUNTED = 0, REQUESTS_OF_WORKERS = 1, REQUESTS_OF_MASTER = 2 };

struct request_counter {
	uint64_t memory, address; /* of the shared memory or the process, and in it: which it is */
	pid_t pid;		  /* through whom it is read */
	uint64_t before, now;	  /* when it was first read, and last */
	bool shared;
};

/* All counters of a trace. */
struct request_counts {
	struct request_counter *counters;
	size_t count, capacity;
	const char *missing; /* why some process is not counted; NULL: all are */
};

/* The counter of a process as it is now. False with `missing`. */
bool request_counter_find(pid_t pid, struct request_counter *out, const char **missing);

/* Counts from now on. One process without a counter makes the whole not countable. */
void request_counts_add(struct request_counts *c, pid_t pid);
/* Another process of the same counter takes its place, if there is one. */
void request_counts_remove(struct request_counts *c, pid_t pid, const pid_t *left, size_t count);
void request_counts_free(struct request_counts *c);

/*
 * Requests since each counter was added, and whose; `pids` are all that are traced. Not counted:
 * `missing` says why.
 */
enum request_scope request_counts_read(struct request_counts *c, const pid_t *pids, size_t count,
				       uint64_t *requests, const char **missing);

#endif
