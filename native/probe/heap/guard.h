/* SPDX-License-Identifier: MIT */
/*
 * A process that ends this one when it holds a worker for too long and cannot end itself, as when
 * it was stopped. The kernel lets the worker run on then.
 */
#ifndef ACUPOINT_GUARD_H
#define ACUPOINT_GUARD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct guard {
	pid_t pid;
	int end; /* of a pipe; its closing calls the guard off */
};

/* Ends this process in `limit_ns`, unless called off before. False: there is none. */
bool guard_start(struct guard *g, uint64_t limit_ns);
void guard_end(struct guard *g);

#endif
