/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The part of a sample about the request whose Lua code ran: copied while the thread stands still,
 * since nginx frees a request within microseconds of its end. Shared by the BPF program and user
 * space.
 */
#ifndef ACUPOINT_REQUEST_H
#define ACUPOINT_REQUEST_H

#define REQUEST_LINE 192
#define REQUEST_HOST 64
/* "\r\nHost: " lies between the two as most clients send them: then they are copied at once. */
#define REQUEST_GAP 16

/* "HTTP": the first word of each ngx_http_request_t. */
#define REQUEST_SIGNATURE 0x50545448
/* All that is looked for is in the first so many bytes of one. */
#define REQUEST_OBJECT 1024
/* The array of the modules' contexts is its third word. */
#define REQUEST_CONTEXTS 2

/*
 * Where ngx_lua's context of a request says which phase runs, as its headers have it: in 0.10.8 and
 * later, from .19, from .21 and from .22 on. All four are copied; their values show which it is.
 */
#define REQUEST_PHASES 4
#define PHASE_FIRST 0x184
#define PHASE_WORDS 18 /* of 16 bits, up to the last of the four */
#define PHASE_WORD_OF(offset) (((offset)-PHASE_FIRST) / 2)
/* The context's second word says which request it is of. */
#define CONTEXT_REQUEST 8

/* Where an nginx build keeps what is copied; derived from the running worker. */
struct sampled_request {
	__u32 wanted; /* 1: method, host and URI may be copied */
	__u32 line;   /* offset in ngx_http_request_t of request_line; 0: not known */
	__u32 server; /* the same of headers_in.server */
	__u32 slot;   /* offset in its array of contexts of ngx_lua's, plus 1; 0: not known */
};

/*
 * Lengths are those of nginx; of a longer line or host the first REQUEST_LINE or REQUEST_HOST bytes
 * are here. 0: nothing was copied. The request's line, "GET /path?query HTTP/1.1", is at the
 * beginning of the text, the host at `host_at`; only `text_size` bytes of it are sent.
 */
struct sample_request {
	__u16 phases[REQUEST_PHASES]; /* one bit of NGX_HTTP_LUA_CONTEXT_*, where it is the phase */
	__u32 line_length, host_length;
	__u32 host_at, text_size;
	char text[REQUEST_LINE + REQUEST_HOST];
};
#define REQUEST_HEAD (sizeof(struct sample_request) - REQUEST_LINE - REQUEST_HOST)

#endif
