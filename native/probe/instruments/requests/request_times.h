/* SPDX-License-Identifier: MIT */
/* How long a request took, by what the program sent of it. */
#ifndef ACUPOINT_REQUEST_TIMES_H
#define ACUPOINT_REQUEST_TIMES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "instruments/requests/request_end.h"

/* The other clocks, in nanoseconds ahead of CLOCK_MONOTONIC. */
struct request_clock {
	int64_t date_ns;
	uint64_t tick_ns; /* between the kernel's ticks */
	int64_t phase_ns; /* CLOCK_MONOTONIC at the tick 0, or somewhat later */
	bool phased;	  /* it is known */
};

/* Reads the clocks: the date may be set while a trace runs. */
void request_clock_read(struct request_clock *c);
/* Comes closer to the moment of ticks. */
void request_clock_note(struct request_clock *c, const struct request_end *e);

/* When it began, by CLOCK_MONOTONIC; 0: that is not known. */
uint64_t request_start_ns(const struct request_end *e, const struct request_clock *c);
/* Of that, microseconds that an access log leaves out. */
uint64_t request_hidden_us(const struct request_end *e, uint64_t latency_us);

#endif
