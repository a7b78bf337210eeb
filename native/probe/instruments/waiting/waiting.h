/* SPDX-License-Identifier: MIT */
/*
 * The time of requests: where each one that is in flight waits, some twenty times a second. Reads
 * memory and traps nothing. A request's time is divided evenly among its coroutines that wait at
 * once, so that all rows together are the time of all requests.
 */
#ifndef ACUPOINT_WAITING_H
#define ACUPOINT_WAITING_H

#include "instruments/instrument.h"

extern const struct instrument_ops waiting_instrument;

#endif
