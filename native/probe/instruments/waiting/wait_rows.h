/* SPDX-License-Identifier: MIT */
/* From what waits at one moment to rows: each request's time, by where it waits and what for. */
#ifndef ACUPOINT_WAIT_ROWS_H
#define ACUPOINT_WAIT_ROWS_H

#include "instruments/instrument.h"
#include "instruments/waiting/leaves.h"
#include "instruments/waiting/wait_kind.h"
#include "naming/naming.h"

enum { WAIT_PLACES = 4096 };

struct wait_rows {
	const struct traced *traced;
	struct wait_kinds kinds;
	/* Of stacks that were named lately, by a hash of what their names follow from. */
	struct id_map named;
	struct model_place *places;
	uint32_t place_count;
	struct id_map requests; /* of the model, by address, beginning and text */
	uint64_t events, us, lost_us;
	const char *missing; /* "": nothing is */
};

/* False when out of memory; wait_rows_close() follows in any case. */
bool wait_rows_open(struct wait_rows *r, const struct traced *traced);
void wait_rows_close(struct wait_rows *r);
/* Names may have changed. */
void wait_rows_forget(struct wait_rows *r);
/* Each request was where it is for so many microseconds. */
void wait_rows_add(struct wait_rows *r, struct process *p, struct leaves *l, uint64_t us);

#endif
