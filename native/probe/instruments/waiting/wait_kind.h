/* SPDX-License-Identifier: MIT */
/* What a coroutine waits for, by the functions that stand innermost in it. */
#ifndef ACUPOINT_WAIT_KIND_H
#define ACUPOINT_WAIT_KIND_H

#include <linux/types.h>

#include "instruments/waiting/parked_walk.h"
#include "naming/id_map.h"

enum wait_kind {
	WAIT_OTHER,
	WAIT_SLEEP,
	WAIT_LOCK,
	WAIT_CONNECT,
	WAIT_READ,
	WAIT_WRITE,
	WAIT_TLS,
	WAIT_DNS,
	WAIT_SEMAPHORE,
	WAIT_LIGHT_THREADS,
	WAIT_SUBREQUEST,
	WAIT_CLIENT_BODY,
	WAIT_CLIENT_READ,
	WAIT_WORKER_THREAD,
	WAIT_PIPE,
	WAIT_COROUTINE,
	/* Of requests in which no Lua waits. */
	WAIT_CLIENT_HEADER,
	WAIT_UPSTREAM_DNS,
	WAIT_UPSTREAM_CONNECT,
	WAIT_UPSTREAM_HEADER,
	WAIT_UPSTREAM_BODY,
	WAIT_DELAYED,
	WAIT_RUNS,
	WAIT_KINDS,
};

/* A socket of ngx_lua is behind it, so that there may be a peer. */
static inline bool wait_has_peer(enum wait_kind k)
{
	return k == WAIT_CONNECT || k == WAIT_READ || k == WAIT_WRITE || k == WAIT_TLS ||
	       k == WAIT_DNS;
}

struct wait_kinds {
	struct id_map known; /* by function and caller */
};

struct wait_kinds wait_kinds_of(void);
void wait_kinds_free(struct wait_kinds *k);
/* The catalogue of the VM has been read. */
enum wait_kind wait_kind_of(struct wait_kinds *k, struct lua_vm *vm, const struct parked_stack *s);

/* "read", "upstream: header"; of WAIT_OTHER "other". */
const char *wait_text(enum wait_kind k);

#endif
