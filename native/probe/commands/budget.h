/* SPDX-License-Identifier: MIT */
/*
 * Which rate keeps a trace within what it may cost. Told once a second what the last second cost,
 * by whoever measures it: BPF programs measure themselves, the probe's own time is the kernel's
 * account of it, and a sampler that stops its targets adds the time for which they stood.
 */
#ifndef ACUPOINT_BUDGET_H
#define ACUPOINT_BUDGET_H

#include <stdint.h>

enum { BUDGET_LOWEST_HZ = 10 };

struct budget {
	uint32_t asked_hz;   /* the rate is never higher */
	float cost;	     /* of the seconds in a row that were over; percent of a core */
	uint32_t over, room; /* how many seconds in a row */
	uint32_t young;	     /* seconds for which names may still be read for the first time */
	uint32_t patience; /* seconds of room before the rate is raised; grows where that failed */
	uint32_t since_raise;
};

void budget_init(struct budget *b, uint32_t asked_hz);
/* A worker has joined, whose functions and files are read for the first time now. */
void budget_begins(struct budget *b);

/*
 * The rate for the coming second. `cost` and `allowed` in percent of a core; allowed 0: no limit;
 * `certain` is the part of the cost that only goes with the rate. It goes down in proportion when
 * two seconds in a row were over, so that one in which names are read changes nothing.
 *
 * While a trace is young its cost is mostly that of starting, which no rate makes less and which
 * ends: then it goes down only for the certain part, or after more seconds in a row, by the
 * cheapest of them. It comes back in steps of a half, after seconds with room for the step; the
 * wait is doubled where the step had to be taken back, so that it does not flap with the load.
 */
uint32_t budget_rate(struct budget *b, uint32_t rate_hz, float cost, float certain, float allowed);

#endif
