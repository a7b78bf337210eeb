/* SPDX-License-Identifier: MIT */
/*
 * The event loop: how long each iteration takes, and of those that hold up all other requests of
 * their worker (stalls), the stacks that ran or were blocked in them. Iterations are counted by a
 * uprobe for as long as the budget pays for it, else in bursts; between bursts stalls are found by
 * nginx's own clock.
 */
#ifndef ACUPOINT_LOOP_INSTRUMENT_H
#define ACUPOINT_LOOP_INSTRUMENT_H

#include "instruments/instrument.h"

extern const struct instrument_ops loop_instrument;

#endif
