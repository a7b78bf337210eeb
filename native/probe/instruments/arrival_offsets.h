/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_ARRIVAL_OFFSETS_H
#define ACUPOINT_ARRIVAL_OFFSETS_H

#include <linux/types.h>

#include "instruments/arrival.h"

/* By the kernel's own description of its types. */
struct arrival_offsets arrival_offsets_find(void);

#endif
