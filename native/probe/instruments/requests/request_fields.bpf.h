/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Fields of a request, by the two offsets that differ between builds. Read by the BPF
 * program, and by user space from a copy where the offsets become known by that copy. Includers
 * define REQUEST_FIELD(out, size, address), which gives 0 where it could be read.
 */
#ifndef ACUPOINT_REQUEST_FIELDS_BPF_H
#define ACUPOINT_REQUEST_FIELDS_BPF_H

#include "instruments/requests/request_end.h"

/*
 * Words from `line` on, which all builds have at these distances, those before it and those behind
 * it; without PCRE the last two come 3 words sooner.
 */
enum {
	BEFORE = 0x20,
	SECONDS = 0,
	MILLISECONDS = 1,
	METHOD = 2,
	LINE = 4,
	OWN_URI = 6,
	RAW_URI = 12
};
enum { BEFORE_WORDS = 14 };
enum { BEHIND = 0xb0, PHASE = 0, LENGTH = 10, ERROR = 11, HTTP_CONNECTION = 12 };
enum { BEHIND_WORDS = 13, PCRE_WORDS = 3 };
/* Of headers_out, from headers_in.server on. */
#define OUT_STATUS 0x98
/* r->main, from the line on. */
#define MAIN_REQUEST 0x88
/* No length and no status is as large as an address. */
#define LEAST_ADDRESS (1ULL << 20)

/* The verifier of 5.10 wants a bound in its own terms; sizes are powers of two. */
#if defined(__bpf__)
#define BOUND_TEXT(length) asm volatile("%0 &= 127" : "+r"(length))
#else
#define BOUND_TEXT(length) ((length) &= 127)
#endif
_Static_assert(REQUEST_URI <= 128 && REQUEST_SERVER <= 128 && REQUEST_PEER <= 128, "its bound");

/* The length, or 0 where the text could not be read. */
static __always_inline __u64 read_text(char *out, __u64 size, __u64 length, __u64 address)
{
	if (length >= size)
		return REQUEST_FIELD(out, size, address) ? 0 : length;
	BOUND_TEXT(length);
	return length >= size || REQUEST_FIELD(out, length, address) ? 0 : length;
}

static __always_inline void read_before(struct request_end *e, const struct request_place *p)
{
	__u64 words[BEFORE_WORDS];

	if (REQUEST_FIELD(words, sizeof(words), e->request + p->line - BEFORE))
		return;
	e->known = 1;
	e->start_ms = words[SECONDS] * 1000 + words[MILLISECONDS];
	e->method = words[METHOD];
	e->line_length = words[LINE];
	if (!p->texts)
		return;
	/* A subrequest has the line and the raw URI of the request that it is a part of. */
	if (e->part_of)
		e->uri_length = read_text(e->uri, REQUEST_URI, words[OWN_URI], words[OWN_URI + 1]);
	else
		e->uri_length = read_text(e->uri, REQUEST_URI, words[RAW_URI], words[RAW_URI + 1]);
}

/* The access log's rule: err_status, if there is one. */
static __always_inline void read_behind(struct request_end *e, const struct request_place *p)
{
	__u64 words[BEHIND_WORDS];
	int sooner;

	if (REQUEST_FIELD(words, sizeof(words), e->request + p->line + BEHIND))
		return;
	e->phase = words[PHASE];
	/* http_connection is a pointer, and what may stand in its place is none. */
	sooner = words[HTTP_CONNECTION - PCRE_WORDS] > LEAST_ADDRESS;
	e->bytes_in = sooner ? words[LENGTH - PCRE_WORDS] : words[LENGTH];
	e->status = sooner ? words[ERROR - PCRE_WORDS] : words[ERROR];
}

static __always_inline void read_server(struct request_end *e, const struct request_place *p)
{
	__u64 words[2];

	if (!REQUEST_FIELD(words, sizeof(words[0]), e->request + p->server + OUT_STATUS) &&
	    !e->status) {
		e->status = words[0];
		/* As ngx_http_free_request() goes on to do. */
		if (e->result > 0 && (!e->status || !e->bytes_out))
			e->status = (__u32)e->result;
	}
	if (!p->texts || REQUEST_FIELD(words, sizeof(words), e->request + p->server))
		return;
	e->server_length = read_text(e->server, REQUEST_SERVER, words[0], words[1]);
}

static __always_inline void read_fields(struct request_end *e, const struct request_place *p)
{
	read_before(e, p);
	read_behind(e, p);
	read_server(e, p);
}

#endif
