/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Shared by the BPF programs behind nginx's functions and user space. Includers define __u8 ...
 * __u64 first.
 */
#ifndef ACUPOINT_REQUEST_END_H
#define ACUPOINT_REQUEST_END_H

enum {
	REQUEST_PROCESSES = 256,
	REQUEST_URI = 128,
	REQUEST_SERVER = 64,
	REQUEST_PEER = 64,
	/* Servers that one request was passed to; of more, the last ones. */
	REQUEST_STATES = 3,
	REQUEST_COPY = 0x780,
	REQUEST_BUFFER = 1024,
	REQUEST_POOL = 4096,
};

/* Where a worker's nginx keeps what is read of a request; offsets in ngx_http_request_t. */
struct request_place {
	__u32 line;	   /* request_line; 0: not known yet, then nothing is read */
	__u32 server;	   /* headers_in.server */
	__u32 texts;	   /* 1: URI and host are wanted */
	__u32 whole;	   /* so many copies are wanted, by which the place can be found */
	__u64 cached_time; /* address of ngx_cached_time, a pointer to {seconds, milliseconds} */
};

/* An answer of a server that the request was passed to. Milliseconds; -1: it did not come so far.
 */
struct request_state {
	__u64 status;
	__s64 response, connect, header;
	__u64 peer_length; /* nginx's; REQUEST_PEER at most are here */
	char peer[REQUEST_PEER];
};

/*
 * One request that has ended. Texts are not terminated; lengths are nginx's. Of `state` only so
 * many are sent as there are, or all.
 */
struct request_end {
	__u32 pid;
	__s32 descriptor; /* of the connection */
	__u64 request;	  /* its address; 0: it could not be read */
	__s64 result;	  /* what it ended with: a status, if it is positive */
	__u64 end_ns;	  /* CLOCK_MONOTONIC */
	__u64 begin_ns;	  /* when nginx made it; 0: nobody saw that */
	/* When its client last acknowledged something before that; CLOCK_MONOTONIC. */
	__u64 acknowledged_us;
	__u64 begin_ticks;  /* the same in ticks of the kernel */
	__s32 waited_ticks; /* since its data had come; -1: that is not known */
	__u32 padding;
	__u64 logged_ms; /* of the date, by nginx's clock: what an access log takes as the end */
	__u64 locations; /* r->loc_conf, which says the location */
	__u64 main;	 /* r->main_conf, which says the phases */
	__u64 part_of;	 /* of a subrequest: the request that a client sent; else 0 */
	__u64 bytes_out;
	__u32 states;	   /* how many are below */
	__u32 known;	   /* 0: the place was not known, and what follows is nothing */
	__u64 start_ms;	   /* of the date, by nginx's clock of that iteration of its loop */
	__u64 line_length; /* of the request's line; 0: there was none that nginx could read */
	__u64 method;	   /* one bit */
	__u64 bytes_in;
	__u32 phase; /* index of the handler that nginx's phases have come to */
	__u32 status;
	__u64 uri_length, server_length;
	char uri[REQUEST_URI];
	char server[REQUEST_SERVER];
	struct request_state state[REQUEST_STATES];
};

/* The least that is sent. */
#define REQUEST_END_LEAST __builtin_offsetof(struct request_end, state)

/* The same where the place is not known, with what shows it. Addresses are 0 where a copy failed.
 */
struct request_whole {
	struct request_end end;
	__u8 object[REQUEST_COPY];
	__u64 buffer_at;
	__u8 buffer[REQUEST_BUFFER]; /* what the client sent, from its beginning on */
	/* Its memory pool: the block that the request itself is in, as a rule, and the next. */
	__u64 pool_at[2];
	__u8 pool[2][REQUEST_POOL];
};

/*
 * Results by which nginx goes on with a request (done, declined) or answers it itself. After such
 * an answer it may turn to another location, or end the subrequest without a further call. Source:
 * ngx_http_finalize_request() in src/http/ngx_http_request.c.
 */
enum {
	RESULT_DONE = -4,
	RESULT_DECLINED = -5,
	RESULT_CREATED = 201,
	RESULT_EMPTY = 204,
	RESULT_SPECIAL = 300
};

static inline int request_is_answered_by_nginx(__s64 result)
{
	return result >= RESULT_SPECIAL || result == RESULT_CREATED || result == RESULT_EMPTY;
}

/* Sums since the object was loaded. */
struct request_sums {
	__u64 begins, ends; /* hits of either program, whatever came of them */
	__u64 posts, parts; /* the same of the programs that watch subrequests */
	__u64 subrequests;  /* that began */
	__u64 lost;	    /* ends for which the ring buffer had no room */
	__u64 lost_parts;   /* the same of subrequests */
	__u64 run_ns;	    /* that the programs took */
};

/* Of all uprobes. */
static inline __u64 request_hits(const struct request_sums *s)
{
	return s->begins + s->ends + s->posts + s->parts;
}

#endif
