/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/wait_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

/*
 * ngx_lua's socket, as the co-context has it: its request is one of these words, three words after
 * its pool of connections, and behind it is an ngx_peer_connection_t {connection, address, its
 * length}.
 */
enum { POOL = -3, ADDRESS = 2, LENGTH = 3 };
/* In the pool, behind some words: its key, which is the address as Lua gave it. */
enum { POOL_READ = 0x100, KEY_AFTER = 0x40 };

static void unix_text(const struct sockaddr_un *a, size_t length, char out[WAIT_PEER])
{
	size_t room = length - offsetof(struct sockaddr_un, sun_path);
	int shown = (int)strnlen(a->sun_path, room < WAIT_PEER - 6 ? room : WAIT_PEER - 6);

	snprintf(out, WAIT_PEER, "unix:%.*s", shown, a->sun_path);
}

static void address_text(uint64_t address, size_t length, char out[WAIT_PEER])
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} a;
	char host[INET6_ADDRSTRLEN];

	memset(&a, 0, sizeof(a));
	if (length < sizeof(a.in) || length > sizeof(a) ||
	    target_pages_read(&a, (uint32_t)length, address))
		return;
	if (a.any.sa_family == AF_INET && inet_ntop(AF_INET, &a.in.sin_addr, host, sizeof(host)))
		snprintf(out, WAIT_PEER, "%s:%u", host, ntohs(a.in.sin_port));
	else if (a.any.sa_family == AF_INET6 && length >= sizeof(a.in6) &&
		 inet_ntop(AF_INET6, &a.in6.sin6_addr, host, sizeof(host)))
		snprintf(out, WAIT_PEER, "[%s]:%u", host, ntohs(a.in6.sin6_port));
	else if (a.any.sa_family == AF_UNIX)
		unix_text(&a.un, length, out);
}

static bool is_key(char c)
{
	return c > ' ' && c < 127;
}

/* A connection that was kept alive has no address any more: its pool is called after it. */
static void pool_text(uint64_t pool, char out[WAIT_PEER])
{
	char raw[POOL_READ];
	size_t n = KEY_AFTER, from;

	if (!pool || target_pages_read(raw, sizeof(raw), pool))
		return;
	while (n < sizeof(raw)) {
		for (from = n; n < sizeof(raw) && is_key(raw[n]); n++)
			;
		if (n > from + 2 && n < sizeof(raw) && !raw[n] &&
		    memchr(raw + from, ':', n - from)) {
			snprintf(out, WAIT_PEER, "%s", raw + from);
			return;
		}
		n++;
	}
}

void wait_peer_of_socket(const struct parked *p, char out[WAIT_PEER])
{
	const uint64_t *words = p->data;

	out[0] = '\0';
	if (!p->head.exdata || !p->context.data || p->context.data == p->head.exdata)
		return;
	for (int i = 0; i + LENGTH < PARKED_DATA && !out[0]; i++) {
		if (words[i] != p->head.exdata)
			continue;
		if (words[i + ADDRESS] && (uint32_t)words[i + LENGTH])
			address_text(words[i + ADDRESS], (uint32_t)words[i + LENGTH], out);
		if (!out[0] && i + POOL >= 0)
			pool_text(words[i + POOL], out);
	}
}

/* ---- requests in which no Lua waits ---- */

/* Flags of an ngx_event_t, in its second word. Source: src/event/ngx_event.h. */
enum { TIMER_SET = 1 << 11, DELAYED = 1 << 12 };
/* Words of ngx_connection_t, ngx_array_t, ngx_http_upstream_state_t and ngx_http_upstream_t. */
enum { CONNECTION_READ = 1, CONNECTION_WRITE = 2 };
enum { ELEMENTS = 0, COUNT = 1, SIZE = 2 };
enum { STATE_CONNECT = 2, STATE_HEADER = 3 };
enum { PEER_CONNECTION = 2, PEER_NAME = 5, UPSTREAM_WORDS = 6 };

static uint32_t event_flags(uint64_t connection, int which)
{
	uint64_t event, flags;

	if (!connection || target_pages_read(&event, 8, connection + 8 * (uint64_t)which) ||
	    target_pages_read(&flags, 8, event + 8))
		return 0;
	return (uint32_t)flags;
}

/* Does it look like one? A request that ends while it is read leaves anything in its place. */
static bool is_address(const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (!is_key(text[i]))
			return false;
	return strchr(text, ':') != NULL;
}

static void read_name(uint64_t name, char out[WAIT_PEER])
{
	uint64_t text[2];

	if (!name || target_pages_read(text, sizeof(text), name))
		return;
	if (text[0] >= WAIT_PEER)
		text[0] = WAIT_PEER - 1;
	if (target_pages_read(out, (uint32_t)text[0], text[1]))
		text[0] = 0;
	out[text[0]] = '\0';
	if (!is_address(out))
		out[0] = '\0';
}

/* By the times of the last server that it was passed to: those that are known have passed. */
static enum wait_kind upstream_step(uint64_t states)
{
	uint64_t array[3], state[4];

	if (!states || target_pages_read(array, sizeof(array), states) || !array[COUNT] ||
	    array[COUNT] > 1024 || array[SIZE] > 256 ||
	    target_pages_read(state, sizeof(state),
			      array[ELEMENTS] + (array[COUNT] - 1) * array[SIZE]))
		return WAIT_UPSTREAM_DNS;
	if ((int64_t)state[STATE_CONNECT] == -1)
		return WAIT_UPSTREAM_CONNECT;
	return (int64_t)state[STATE_HEADER] == -1 ? WAIT_UPSTREAM_HEADER : WAIT_UPSTREAM_BODY;
}

/* Does some of the body have to come? ngx_http_request_body_t says how much as its fourth word. */
static bool is_body_to_come(uint64_t body)
{
	int64_t rest;

	return body && !target_pages_read(&rest, 8, body + 24) && rest > 0;
}

enum wait_kind wait_of_request(const struct live *r, bool busy, char peer[WAIT_PEER])
{
	uint32_t write = event_flags(r->connection, CONNECTION_WRITE);
	uint64_t words[UPSTREAM_WORDS];
	enum wait_kind step;

	peer[0] = '\0';
	if (write & DELAYED)
		return WAIT_DELAYED;
	if (r->upstream && !target_pages_read(words, sizeof(words), r->upstream)) {
		step = upstream_step(r->states);
		/* The server has sent, and its answer waits for the client to take it. */
		if (step == WAIT_UPSTREAM_BODY && (write & TIMER_SET))
			return WAIT_CLIENT_READ;
		if (words[PEER_CONNECTION] || step != WAIT_UPSTREAM_DNS) {
			read_name(words[PEER_NAME], peer);
			return step;
		}
	}
	if (write & TIMER_SET)
		return WAIT_CLIENT_READ;
	if (is_body_to_come(r->body))
		return WAIT_CLIENT_BODY;
	if (r->upstream)
		return busy ? WAIT_RUNS : WAIT_UPSTREAM_DNS;
	/* One that has come to a phase runs: its timer goes a moment later. */
	return !r->phase && (event_flags(r->connection, CONNECTION_READ) & TIMER_SET)
		       ? WAIT_CLIENT_HEADER
		       : WAIT_RUNS;
}
