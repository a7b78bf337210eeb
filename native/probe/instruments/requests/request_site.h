/* SPDX-License-Identifier: MIT */
/*
 * A process whose requests are watched: what its nginx build and its configuration mean by what
 * the BPF program reads, and the uprobes that stand in it.
 */
#ifndef ACUPOINT_REQUEST_SITE_H
#define ACUPOINT_REQUEST_SITE_H

#include <linux/types.h>

#include "instruments/requests/request_code.h"
#include "instruments/requests/request_end.h"
#include "model/model.h"
#include "naming/id_map.h"
#include "naming/process.h"
#include "nginx/request_layout.h"

enum { REQUEST_PHASES_MAX = 128 };

struct request_site {
	pid_t pid;
	struct request_code code;
	const char *missing; /* NULL: its requests can be watched */
	int refused;	     /* errno of the last uprobe that was not placed; or 0 */
	struct request_layout layout;
	struct request_place place; /* as the program knows it */
	uint32_t tries;		    /* requests that the layout was looked for in */
	struct id_map routes;	    /* r->loc_conf -> name of the location; 0: it has none */
	uint32_t phases[REQUEST_PHASES_MAX]; /* by handler, as strings of the model */
	size_t phase_count;
	uint64_t phases_of;	  /* r->main_conf that they were read by; 0: not yet */
	int traps[REQUEST_TRAPS]; /* the uprobes that stand; -1: none do */
	bool wanted;		  /* being placed */
	bool parts_tried;	  /* REQUEST_PART_ENDS was ordered since the others stand */
	/* When they were first placed, and last; nanoseconds that they stood before. */
	uint64_t first_ns, placed_ns, watched_ns;
};

/* NULL when out of memory. */
struct request_site *request_site_new(const struct process *p);
/* Closes no uprobes. */
void request_site_free(struct request_site *s);

/* Its place, of which at least the clock is known; `texts`: URI and host are wanted. */
void request_site_place(struct request_site *s, bool texts);
/*
 * Finds the place by a request that was copied, and gives what the program would have sent with it.
 * True where the place is known by now.
 */
bool request_site_learn(struct request_site *s, const struct request_whole *w,
			struct request_end *out);
static inline bool request_site_known(const struct request_site *s)
{
	return s->layout.known.line && s->layout.known.server;
}

/* Strings of the model; 0: the location has no name, or the handler is of no phase. */
uint32_t request_site_route(struct request_site *s, struct model *m, uint64_t locations);
uint32_t request_site_phase(struct request_site *s, struct model *m, const struct request_end *e);

#endif
