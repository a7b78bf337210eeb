/* SPDX-License-Identifier: MIT */
/*
 * When uprobes stand: in all processes for as long as the budget pays for that, else in one after
 * another for short bursts with gaps of random length. A number of CPU time a time: nanoseconds for
 * each nanosecond.
 */
#ifndef ACUPOINT_DUTY_H
#define ACUPOINT_DUTY_H

#include <stdbool.h>
#include <stdint.h>

#include "host/chance.h"

enum duty_want {
	DUTY_NONE,
	DUTY_ONE, /* a burst runs */
	DUTY_ALL,
};

struct duty {
	enum duty_want want;
	uint64_t seen_ns, due_ns, until_ns;
	uint64_t cost_ns;	 /* as of `seen_ns` */
	double saved_ns;	 /* CPU time that is allowed and was not used */
	double price_ns;	 /* of one burst */
	uint64_t burst_began_ns; /* cost when it did */
	uint64_t bursts;	 /* that there were */
	struct chance chance;
};

struct duty_figures {
	uint64_t cost_ns; /* CPU time that was used so far */
	double allowed;	  /* CPU time a time, of all processes together */
	double all;	  /* the same that all events would cost; negative: not known yet */
};

void duty_begin(struct duty *d);
/* Returns what should stand from now on. Called often: at least every 20 ms while a burst runs. */
enum duty_want duty_next(struct duty *d, uint64_t now_ns, const struct duty_figures *f);

#endif
