/* SPDX-License-Identifier: MIT */
/*
 * How the probe gives up what it does not need. A command begins with what it was started with,
 * opens what can be opened at once, and then splits: the reader, which goes on with the command,
 * has no privilege; the keeper, a child of it, has those that are named and answers its requests.
 * Both are held by a filter of system calls that ends them at the first that is not theirs.
 */
#ifndef ACUPOINT_CONFINE_H
#define ACUPOINT_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/reach.h"

struct confinement {
	uint64_t capabilities; /* the most that it keeps */
	unsigned int rights;   /* of enum filter_right */
	/* Becomes a user that owns nothing, where it may. */
	bool nobody;
};

/*
 * For all that follow: no core dump, first to be ended where memory is short, as many files as are
 * allowed, memory that BPF may lock.
 */
void confine_prepare(void);

/* Gives up all but that, for good. The caller must be the only thread. False with errno. */
bool confine(const struct confinement *c);

/*
 * Starts the keeper, which answers by `answers`, and confines both. True in the reader, whose
 * requests go to it from then on; false with errno.
 */
bool confine_split(const struct confinement *keeper, const struct confinement *reader,
		   reach_answers answers);

#endif
