/* SPDX-License-Identifier: MIT */
/*
 * Off-CPU time: where the main threads of the traced processes are blocked outside the wait of
 * their event loop, or are ready and without a CPU. All times are counted by their reason; stacks
 * are those of a part of them, which stand for all.
 */
#ifndef ACUPOINT_OFFCPU_INSTRUMENT_H
#define ACUPOINT_OFFCPU_INSTRUMENT_H

#include "instruments/instrument.h"

extern const struct instrument_ops offcpu_instrument;

#endif
