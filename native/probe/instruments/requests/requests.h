/* SPDX-License-Identifier: MIT */
/*
 * Every request's latency, by what it was and who answered it: rows of the tables "requests.*".
 * All requests are watched where the budget pays for that, else those that end in short bursts.
 */
#ifndef ACUPOINT_REQUESTS_H
#define ACUPOINT_REQUESTS_H

#include "instruments/instrument.h"

extern const struct instrument_ops requests_instrument;

#endif
