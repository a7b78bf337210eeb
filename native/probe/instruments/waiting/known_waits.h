/* SPDX-License-Identifier: MIT */
/*
 * Coroutines that were seen to wait before: one whose head and stack are what they were has not run
 * since, and what it waits for needs not be found again.
 */
#ifndef ACUPOINT_KNOWN_WAITS_H
#define ACUPOINT_KNOWN_WAITS_H

#include "instruments/waiting/parked.h"
#include "instruments/waiting/wait_kind.h"
#include "model/model.h"

enum { KNOWN_WAITS = 1 << 14 };

struct known_wait {
	uint64_t thread, print;
	uint64_t child; /* that it has resumed and that waits in its stead; or 0, and then: */
	uint64_t main;	/* the request that a client sent, or that ngx_lua made up */
	bool made_up;
	enum wait_kind kind;
	uint32_t peer; /* string of the model */
	struct model_place place;
};

struct known_waits {
	struct known_wait *entries;
	uint64_t moment; /* what is of another is not known any more */
};

bool known_waits_open(struct known_waits *k);
void known_waits_close(struct known_waits *k);
void known_waits_forget(struct known_waits *k);
/* NULL: it is not known. */
const struct known_wait *known_wait_of(const struct known_waits *k, const struct parked *p);
/* A place for it, which another may take. */
struct known_wait *known_wait_new(struct known_waits *k, const struct parked *p);

#endif
