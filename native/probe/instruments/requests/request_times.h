/* SPDX-License-Identifier: MIT */
/* How long a request took, by what the program sent of it. */
#ifndef ACUPOINT_REQUEST_TIMES_H
#define ACUPOINT_REQUEST_TIMES_H

#include <linux/types.h>
#include <stdint.h>

#include "instruments/requests/request_end.h"

/*
 * When it began, by CLOCK_MONOTONIC, which the date is `date_ns` ahead of; 0: that is not known.
 */
uint64_t request_start_ns(const struct request_end *e, int64_t date_ns);
/* Of that, microseconds that an access log leaves out. */
uint64_t request_hidden_us(const struct request_end *e, uint64_t latency_us);

#endif
