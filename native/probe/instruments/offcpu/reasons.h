/* SPDX-License-Identifier: MIT */
/* Why a thread was away, in words. */
#ifndef ACUPOINT_REASONS_H
#define ACUPOINT_REASONS_H

#include <linux/types.h>
#include <stdint.h>

#include "instruments/away.h"

/*
 * "run queue", "page fault", "child (wait4)", "disk (read)", "read", ...: static, or in `out` where
 * the call has no name here ("system call 999").
 */
const char *offcpu_reason(int32_t call, uint32_t state, char out[32]);

#endif
