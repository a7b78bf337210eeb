/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_COMMAND_HEAP_H
#define ACUPOINT_COMMAND_HEAP_H

#include "heap/take.h"

/*
 * Takes a snapshot and writes it, or why there is none, to stdout. The process gives up what it
 * has, step by step, and is good for nothing else afterwards. Its exit code.
 */
int heap_snapshot(const struct take_options *options);

#endif
