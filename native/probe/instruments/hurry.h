/* SPDX-License-Identifier: MIT */
/* A thread that takes samples comes before others, so that it sees what there was to be seen. */
#ifndef ACUPOINT_HURRY_H
#define ACUPOINT_HURRY_H

#include <sys/types.h>

/* As early as this process may have it. 0, or -ESRCH for a thread that is not the probe's. */
int hurry(pid_t tid);

#endif
