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
	LIVE_PEER = 72,
	/* Words of a request from its beginning, and from LIVE_BEFORE bytes before its line. */
	LIVE_HEAD = 13,
	LIVE_BEFORE = 0x30,
	LIVE_REST = 29,
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
	bool made_up; /* by ngx_lua, for a timer */
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

/*
 * Requests of the table, and besides `more`, all of which are requests; each once. Without a layout
 * of requests nothing is known of them but where they are.
 */
void live_read(struct live_list *l, struct live_table *t, const struct process *p,
	       const uint64_t *more, size_t more_count, uint64_t now_ms);

#endif
