/* SPDX-License-Identifier: MIT */
/* Whom a request waits for, where that has an address; and what for, where no Lua of it waits. */
#ifndef ACUPOINT_WAIT_PEER_H
#define ACUPOINT_WAIT_PEER_H

#include "instruments/waiting/live.h"
#include "instruments/waiting/wait_kind.h"

/* Bytes of "127.0.0.1:6379" or "unix:/run/redis.sock"; of a longer one, its beginning. */
enum { WAIT_PEER = 72 };

/* The address that a socket of ngx_lua is of; "" where there is none. Reads by target pages. */
void wait_peer_of_socket(const struct parked *p, char out[WAIT_PEER]);
/*
 * The same of a request in which no Lua waits. `busy`: the worker runs, so that one which is
 * between two steps does not wait.
 */
enum wait_kind wait_of_request(const struct live *r, bool busy, char peer[WAIT_PEER]);

#endif
