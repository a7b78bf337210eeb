/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ENDINGS_H
#define ACUPOINT_ENDINGS_H

#include <stdbool.h>
#include <stdint.h>

struct notices;
struct process;

/* Says how a process that has exited ended. False while the kernel does not say it yet. */
bool tell_ending(const struct notices *notices, const struct process *p, uint64_t now_ms);

#endif
