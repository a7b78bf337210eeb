/* SPDX-License-Identifier: MIT */
/*
 * The requests that are in flight, by nginx's table of connections, and what each is about: read
 * while the worker runs. Requests over HTTP/2 stand in no such table; those whose Lua waits are
 * found by their coroutines.
 */
#ifndef ACUPOINT_LIVE_H
#define ACUPOINT_LIVE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/gather.h"
#include "naming/process.h"

enum {
	LIVE_MAX = 16384,
	/* Bytes of a request from its beginning. */
	LIVE_REQUEST = 0x4c0,
};

/* The table of connections of one worker. */
struct live_table {
	uint64_t variable;     /* address of ngx_cycle; 0: not known */
	uint64_t looked_ms;    /* when it was last looked for */
	uint64_t connections;  /* 0: not known */
	uint32_t count, bytes; /* connections, and of each */
	uint32_t used, turn;   /* connections up to where some are in use; a part beyond that */
};

struct live {
	uint64_t request, main; /* the same, but for subrequests; 0: it could not be read */
	uint64_t connection, start_ms;
	uint64_t line, line_length, host, host_length; /* texts of the client */
	uint64_t upstream, states, body;
	uint32_t phase; /* index of the handler that it has come to; 0: of none yet */
	bool made_up; /* without a line: by ngx_lua for a timer, or a client has not sent it yet */
};

struct live_list {
	struct live *items;
	size_t count;
	uint64_t left_out;
	struct piece *pieces;
	uint8_t *bytes;
	uint64_t *found;
};

bool live_open(struct live_list *l);
void live_close(struct live_list *l);

/* Empties the list. */
void live_begin(struct live_list *l);
/* Adds a request by its first LIVE_REQUEST bytes, if it is one; once. */
void live_add(struct live_list *l, const struct process *p, uint64_t request, const uint8_t *raw);
/*
 * Adds those of the table but `known` ones, which are sorted; without a layout of requests nothing
 * is known of them but where they are. The list is by address then.
 */
void live_read(struct live_list *l, struct live_table *t, const struct process *p,
	       const uint64_t *known, size_t known_count, uint64_t now_ms);
/* NULL: it is not in the list. */
const struct live *live_find(const struct live_list *l, uint64_t request);

#endif
