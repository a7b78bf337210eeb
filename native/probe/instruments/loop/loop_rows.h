/* SPDX-License-Identifier: MIT */
/* What was seen of event loops, as rows of series. */
#ifndef ACUPOINT_LOOP_ROWS_H
#define ACUPOINT_LOOP_ROWS_H

#include "instruments/instrument.h"
#include "instruments/loop/loop_site.h"

struct loop_rows {
	const struct traced *traced;
	uint64_t iterations, iterations_us, lost; /* lost: had no room */
};

/* Iterations of the same length, more or less. */
void loop_rows_add(struct loop_rows *r, pid_t pid, uint64_t count, uint64_t ns);
/* An iteration that has ended, with its parts. `exact`: its length is. */
void loop_rows_stall(struct loop_rows *r, pid_t pid, const struct stall *s, bool exact);
/* Of the time since the last one, how much it was idle, and ready without a CPU. */
void loop_rows_point(struct loop_rows *r, pid_t pid, uint64_t now_ns, uint64_t interval_ns,
		     uint64_t idle_ns, uint64_t queued_ns);

#endif
