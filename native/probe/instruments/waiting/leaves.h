/* SPDX-License-Identifier: MIT */
/* All that waits in a process at one moment: coroutines by request, and requests without one. */
#ifndef ACUPOINT_LEAVES_H
#define ACUPOINT_LEAVES_H

#include "instruments/waiting/live.h"
#include "instruments/waiting/parked_walk.h"

/* A coroutine that waits for something outside of Lua, or a request that does without one. */
struct leaf {
	uint64_t main;		     /* the request that a client sent, or that ngx_lua made up */
	const struct live *request;  /* NULL: it is not known */
	const struct parked *parked; /* NULL: no Lua of the request waits */
	struct lua_vm *vm;
};

struct leaves {
	struct parked_list parked[SAMPLE_VMS];
	struct parked *children; /* those that ngx_lua does not keep */
	size_t child_count;
	struct live_list live;
	struct leaf *items; /* by request */
	size_t count;
	uint64_t left_out;
	uint64_t *requests;
};

bool leaves_open(struct leaves *l);
void leaves_close(struct leaves *l);
void leaves_read(struct leaves *l, struct process *p, struct live_table *connections,
		 uint64_t tables[SAMPLE_VMS], uint64_t now_ms);

#endif
