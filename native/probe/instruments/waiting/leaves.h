/* SPDX-License-Identifier: MIT */
/* All that waits in a process at one moment: coroutines by request, and requests without one. */
#ifndef ACUPOINT_LEAVES_H
#define ACUPOINT_LEAVES_H

#include "instruments/waiting/known_waits.h"
#include "instruments/waiting/live.h"
#include "instruments/waiting/parked_walk.h"

/* A coroutine that waits for something outside of Lua, or a request that does without one. */
struct leaf {
	uint64_t main;		     /* the request that a client sent, or that ngx_lua made up */
	const struct live *request;  /* NULL: it is not known, or `known` says all */
	const struct parked *parked; /* NULL: no Lua of the request waits */
	struct lua_vm *vm;
	const struct known_wait *known; /* NULL: it is not */
	uint64_t child;			/* that it has resumed */
	bool innermost;			/* it has resumed none that waits */
	bool unsure; /* it has resumed one that did not wait when that was read */
};

struct leaves {
	struct parked_list parked[SAMPLE_VMS];
	struct parked_list inner; /* those that others have resumed */
	struct live_list live;
	struct leaf *items; /* by request */
	size_t count;
	uint64_t left_out;
	bool busy;		   /* the process ran when it was looked at */
	bool has_table;		   /* of connections: requests without Lua are seen, too */
	uint64_t *threads;	   /* of one level */
	struct known_wait *copies; /* of what is known, since others may take its place */
	struct known_waits known;
};

bool leaves_open(struct leaves *l);
void leaves_close(struct leaves *l);
void leaves_read(struct leaves *l, struct process *p, struct live_table *connections,
		 uint64_t tables[SAMPLE_VMS], uint64_t now_ms);

#endif
