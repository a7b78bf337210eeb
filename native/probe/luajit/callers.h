/* SPDX-License-Identifier: MIT */
/* Which of the Lua functions that a trace knows call the C function that it is in, and where. */
#ifndef ACUPOINT_CALLERS_H
#define ACUPOINT_CALLERS_H

#include "luajit/traced_call.h"

#define CALLERS_CANDIDATES 64
#define CALLERS_PLACES 32
#define CALLERS_NAMES 1024

/* A Lua function that the trace may have run. */
struct candidate {
	struct proto proto;
	uint64_t function; /* one of its closures; 0: none is known */
};

/* An instruction that calls the C function. */
struct place {
	const struct candidate *candidate;
	uint64_t pc;
};

struct callers {
	const struct traced_call *call;
	uint64_t target;	   /* the C function; 0: it is not known which */
	char names[CALLERS_NAMES]; /* of the target, each with its NUL */
	size_t names_size;
	struct candidate candidates[CALLERS_CANDIDATES];
	size_t candidate_count;
	struct place places[CALLERS_PLACES];
	size_t place_count;
	bool full; /* there may be more than were looked at */
};

/* False where it is no call by the FFI. `out` must stay where it is. */
bool callers_find(const struct traced_call *call, struct callers *out);

#endif
