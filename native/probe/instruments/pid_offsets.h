/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_PID_OFFSETS_USER_H
#define ACUPOINT_PID_OFFSETS_USER_H

#include "walk/pid_offsets.h"

/* As the running kernel's type information has them; not known where that cannot be had. */
struct pid_offsets pid_offsets_find(void);

#endif
