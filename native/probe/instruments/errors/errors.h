/* SPDX-License-Identifier: MIT */
/*
 * Errors, by line: exceptions of Lua, responses that Lua ends a request with, and lines of
 * the error log. Traps each of them, in all processes for as long as the budget pays for that, else
 * in one after another for short bursts.
 */
#ifndef ACUPOINT_ERRORS_H
#define ACUPOINT_ERRORS_H

#include "instruments/instrument.h"

extern const struct instrument_ops errors_instrument;

#endif
