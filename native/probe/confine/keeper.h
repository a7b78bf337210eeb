/* SPDX-License-Identifier: MIT */
/*
 * The process that has the privileges. It reads requests of one fixed form from its parent, takes
 * no byte of a target into account, and ends with its parent.
 */
#ifndef ACUPOINT_KEEPER_H
#define ACUPOINT_KEEPER_H

#include <sys/types.h>

#include "confine/confine.h"

/* The reader's end of the socket, when the keeper is confined and listens; or -1 with errno. */
int keeper_start(const struct confinement *c, reach_answers answers, pid_t *pid);

#endif
