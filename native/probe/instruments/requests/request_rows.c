/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_rows.h"

#include <string.h>

enum { URI, ROUTE, HOST, METHOD, STATUS, PHASE, UPSTREAM, KEYS };

#define TABLE(title, of, has_buckets)                                                              \
	{                                                                                          \
		.name = title, .instrument = "requests", .unit = of, .shape = SERIES_TABLES,       \
		.buckets = has_buckets, .key_count = KEYS,                                         \
		.keys = {                                                                          \
			[URI] = {"uri", false},		  [ROUTE] = {"route", false},              \
			[HOST] = {"host", false},	  [METHOD] = {"method", false},            \
			[STATUS] = {"status", true},	  [PHASE] = {"phase", false},              \
			[UPSTREAM] = {"upstream", false},                                          \
		},                                                                                 \
	}

static const struct series latency = TABLE("requests.latency", "us", true);
static const struct series hidden = TABLE("requests.hidden", "us", true);
static const struct series connect = TABLE("requests.upstream_connect", "us", true);
static const struct series header = TABLE("requests.upstream_header", "us", true);
static const struct series response = TABLE("requests.upstream_response", "us", true);
static const struct series bytes_in = TABLE("requests.bytes_in", "bytes", false);
static const struct series bytes_out = TABLE("requests.bytes_out", "bytes", false);

/* In the order of nginx's bits, of which the first stands for a method that it does not know. */
static uint32_t method_of(struct request_rows *r, uint64_t bit)
{
	static const char *const names[] = {NULL,	"GET",	     "HEAD", "POST",   "PUT",
					    "DELETE",	"MKCOL",     "COPY", "MOVE",   "OPTIONS",
					    "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK", "PATCH",
					    "TRACE",	"CONNECT"};
	unsigned int i;

	if (!bit || (bit & (bit - 1)))
		return 0;
	i = (unsigned int)__builtin_ctzll(bit);
	if (!i || i >= sizeof(names) / sizeof(*names))
		return request_names_other(r->names);
	return model_string(r->model, names[i], strlen(names[i]));
}

static uint64_t at_most(uint64_t length, uint64_t most)
{
	return length < most ? length : most;
}

static uint32_t peer_of(struct request_rows *r, const struct request_state *s)
{
	return request_names_peer(r->names, s->peer, at_most(s->peer_length, REQUEST_PEER),
				  s->peer_length <= REQUEST_PEER);
}

static void fill_keys(struct request_rows *r, struct request_site *site,
		      const struct request_end *e, uint32_t keys[KEYS])
{
	memset(keys, 0, KEYS * sizeof(*keys));
	if (!e->known)
		return;
	keys[URI] = request_names_uri(r->names, e->uri, at_most(e->uri_length, REQUEST_URI),
				      e->uri_length <= REQUEST_URI);
	keys[ROUTE] = request_site_route(site, r->model, e->locations);
	if (!keys[ROUTE])
		keys[ROUTE] = keys[URI];
	keys[HOST] =
		request_names_host(r->names, e->server, at_most(e->server_length, REQUEST_SERVER),
				   e->server_length <= REQUEST_SERVER);
	keys[METHOD] = e->line_length ? method_of(r, e->method) : 0;
	keys[STATUS] = e->status;
	keys[PHASE] = request_site_phase(site, r->model, e);
	/* An empty state is what an internal redirect leaves. */
	for (uint32_t i = 0; i < e->states && i < REQUEST_STATES; i++)
		if (e->state[i].peer_length)
			keys[UPSTREAM] = peer_of(r, &e->state[i]);
}

static void add_time(struct request_rows *r, const struct request_site *site,
		     const struct series *series, const uint32_t *keys, int64_t ms)
{
	enum { US_A_MS = 1000 };

	if (ms >= 0 && ms < INT64_MAX / US_A_MS)
		model_add_table(r->model, series, site->pid, keys, 1, (uint64_t)ms * US_A_MS);
}

/* Of each server that it was passed to, by what that one answered. */
static void add_upstreams(struct request_rows *r, const struct request_site *site,
			  const struct request_end *e, uint32_t keys[KEYS])
{
	for (uint32_t i = 0; i < e->states && i < REQUEST_STATES; i++) {
		const struct request_state *s = &e->state[i];

		if (!s->peer_length)
			continue;
		keys[UPSTREAM] = peer_of(r, s);
		keys[STATUS] = (uint32_t)s->status;
		add_time(r, site, &connect, keys, s->connect);
		add_time(r, site, &header, keys, s->header);
		add_time(r, site, &response, keys, s->response);
	}
}

int64_t request_rows_add(struct request_rows *r, struct request_site *site,
			 const struct request_end *e)
{
	uint32_t keys[KEYS];
	uint64_t start, us;

	request_clock_note(&r->clock, e);
	start = request_start_ns(e, &r->clock);
	if (!start)
		return -1;
	us = e->end_ns > start ? (e->end_ns - start) / 1000 : 0;
	fill_keys(r, site, e, keys);
	if (!model_add_table(r->model, &latency, site->pid, keys, 1, us)) {
		/* More different ones than a batch has room for. */
		keys[URI] = keys[HOST] = request_names_other(r->names);
		if (!model_add_table(r->model, &latency, site->pid, keys, 1, us))
			return -1;
	}
	model_add_table(r->model, &hidden, site->pid, keys, 1, request_hidden_us(e, us));
	if (e->known) {
		model_add_table(r->model, &bytes_in, site->pid, keys, 1, e->bytes_in);
		model_add_table(r->model, &bytes_out, site->pid, keys, 1, e->bytes_out);
		add_upstreams(r, site, e, keys);
	}
	return (int64_t)us;
}
