/* SPDX-License-Identifier: MIT */
/*
 * The health of LuaJIT's compiler: how many traces there are and how much machine code, which
 * lines it gave up and why, what it will not try again, and how often it threw all of it away. All
 * of it is read from memory; nothing is attached.
 */
#ifndef ACUPOINT_JIT_INSTRUMENT_H
#define ACUPOINT_JIT_INSTRUMENT_H

#include "instruments/instrument.h"

extern const struct instrument_ops jit_instrument;

#endif
