/* SPDX-License-Identifier: MIT */
/*
 * The allocation profile: bursts on one process after another, at random moments, as long and as
 * often as they may cost. Their samples become rows of the series "allocated".
 */
#ifndef ACUPOINT_ALLOCATIONS_H
#define ACUPOINT_ALLOCATIONS_H

#include "instruments/instrument.h"

extern const struct instrument_ops allocations_instrument;

#endif
