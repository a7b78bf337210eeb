/* SPDX-License-Identifier: MIT */
#ifndef ACUPOINT_PROCESS_ERROR_H
#define ACUPOINT_PROCESS_ERROR_H

#include "host/failure.h"

/* Says that there is no such process, or that it is there and hidden. */
void process_missing(struct failure *error, pid_t pid);

/* Says why a process could not be looked into; `code` is an errno. */
void process_error(struct failure *error, pid_t pid, int code);

#endif
