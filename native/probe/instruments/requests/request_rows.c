/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_rows.h"

#include <string.h>

#define TABLE(title, of, has_buckets)                                                              \
	{                                                                                          \
		.name = title, .instrument = "requests", .unit = of, .shape = SERIES_TABLES,       \
		.buckets = has_buckets, .key_count = REQUEST_KEYS,                                 \
		.keys = {                                                                          \
			[KEY_URI] = {"uri", false},	      [KEY_ROUTE] = {"route", false},      \
			[KEY_HOST] = {"host", false},	      [KEY_METHOD] = {"method", false},    \
			[KEY_STATUS] = {"status", true},      [KEY_PHASE] = {"phase", false},      \
			[KEY_UPSTREAM] = {"upstream", false},                                      \
		},                                                                                 \
	}

static const struct series latency = TABLE("requests.latency", "us", true);
/* Of subrequests, which are parts of those. */
static const struct series parts = TABLE("requests.subrequests", "us", true);
static const struct series parts_response = TABLE("requests.subrequests_upstream", "us", true);
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
		      const struct request_end *e, uint32_t keys[REQUEST_KEYS])
{
	memset(keys, 0, REQUEST_KEYS * sizeof(*keys));
	if (!e->known)
		return;
	keys[KEY_URI] = request_names_uri(r->names, e->uri, at_most(e->uri_length, REQUEST_URI),
					  e->uri_length <= REQUEST_URI);
	keys[KEY_ROUTE] = request_site_route(site, r->model, e->locations);
	if (!keys[KEY_ROUTE])
		keys[KEY_ROUTE] = keys[KEY_URI];
	keys[KEY_HOST] =
		request_names_host(r->names, e->server, at_most(e->server_length, REQUEST_SERVER),
				   e->server_length <= REQUEST_SERVER);
	keys[KEY_METHOD] = e->line_length ? method_of(r, e->method) : 0;
	keys[KEY_STATUS] = e->status;
	keys[KEY_PHASE] = request_site_phase(site, r->model, e);
}

/* Of each server that it was passed to. An empty state is what an internal redirect leaves. */
static void fill_answers(struct request_rows *r, const struct request_end *e,
			 struct request_row *out)
{
	out->answer_count = 0;
	for (uint32_t i = 0; e->known && i < e->states && i < REQUEST_STATES; i++) {
		const struct request_state *s = &e->state[i];

		if (!s->peer_length)
			continue;
		out->answers[out->answer_count] = (struct request_answer){
			peer_of(r, s), (uint32_t)s->status, s->connect, s->header, s->response};
		out->keys[KEY_UPSTREAM] = out->answers[out->answer_count++].peer;
	}
}

static void add_time(struct request_rows *r, pid_t pid, const struct series *series,
		     const uint32_t *keys, int64_t ms)
{
	enum { US_A_MS = 1000 };

	if (ms >= 0)
		model_add_table(r->model, series, pid, keys, 1, (uint64_t)ms * US_A_MS);
}

/* By what each of the servers answered. */
static void add_answers(struct request_rows *r, pid_t pid, const struct request_row *row, bool part)
{
	uint32_t keys[REQUEST_KEYS];

	memcpy(keys, row->keys, sizeof(keys));
	for (uint32_t i = 0; i < row->answer_count; i++) {
		const struct request_answer *a = &row->answers[i];

		keys[KEY_UPSTREAM] = a->peer;
		keys[KEY_STATUS] = a->status;
		add_time(r, pid, part ? &parts_response : &response, keys, a->response);
		if (part)
			continue;
		add_time(r, pid, &connect, keys, a->connect);
		add_time(r, pid, &header, keys, a->header);
	}
}

static bool add_latency(struct request_rows *r, const struct series *series, pid_t pid,
			struct request_row *row)
{
	if (model_add_table(r->model, series, pid, row->keys, 1, row->us))
		return true;
	/* More different ones than a batch has room for. */
	row->keys[KEY_URI] = row->keys[KEY_HOST] = request_names_other(r->names);
	return model_add_table(r->model, series, pid, row->keys, 1, row->us);
}

void request_rows_part(struct request_rows *r, struct request_site *site,
		       const struct request_end *e, struct request_row *out)
{
	out->us = e->end_ns > e->begin_ns ? (e->end_ns - e->begin_ns) / 1000 : 0;
	fill_keys(r, site, e, out->keys);
	fill_answers(r, e, out);
}

bool request_rows_add_part(struct request_rows *r, pid_t pid, struct request_row *row)
{
	if (!add_latency(r, &parts, pid, row))
		return false;
	add_answers(r, pid, row, true);
	return true;
}

int64_t request_rows_add(struct request_rows *r, struct request_site *site,
			 const struct request_end *e)
{
	struct request_row row;
	uint64_t start;

	request_clock_note(&r->clock, e);
	start = request_start_ns(e, &r->clock);
	if (!start)
		return -1;
	row.us = e->end_ns > start ? (e->end_ns - start) / 1000 : 0;
	fill_keys(r, site, e, row.keys);
	fill_answers(r, e, &row);
	if (!add_latency(r, &latency, site->pid, &row))
		return -1;
	model_add_table(r->model, &hidden, site->pid, row.keys, 1, request_hidden_us(e, row.us));
	if (e->known) {
		model_add_table(r->model, &bytes_in, site->pid, row.keys, 1, e->bytes_in);
		model_add_table(r->model, &bytes_out, site->pid, row.keys, 1, e->bytes_out);
	}
	add_answers(r, site->pid, &row, false);
	return (int64_t)row.us;
}
