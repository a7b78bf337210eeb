// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Behind two functions of nginx: one makes a request, the other frees it, once for each that a
 * client sent, whatever the protocol, and before its memory goes. Of a request that has ended it
 * sends what tells how long it took and which one it was. Subrequests are parts of theirs: nginx
 * finalizes each several times and frees none of them by itself, so that their ends could not be
 * told apart. Runs on 5.10 and later.
 *
 * The kernel may interrupt a program and run it for another worker on the same CPU, so it keeps
 * nothing by CPU: what it sends is written where it is sent from.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "instruments/requests/request_end.h"
#include "walk/arch.h"
#include "walk/current.bpf.h"
#include "walk/request.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define READ(out, size, address)                                                                   \
	bpf_probe_read_user((out), (size), (const void *)(unsigned long)(address))

/*
 * Words of ngx_http_request_t, ngx_connection_t, ngx_array_t and ngx_http_upstream_state_t, the
 * same in all builds since 1.18 (without NGX_HTTP_CACHE the states and the pool come one word
 * sooner).
 */
enum { CONNECTION = 1, MAIN = 3, LOCATIONS = 5, STATES = 10, POOL = 11, REQUEST_WORDS = 12 };
enum { DESCRIPTOR = 3, SENT = 9, CONNECTION_WORDS = 10 };
enum { ELEMENTS = 0, COUNT = 1, SIZE = 2, ARRAY_POOL = 4, ARRAY_WORDS = 5 };
enum { STATUS = 0, RESPONSE = 1, CONNECT = 2, HEADER = 3, PEER = 8, STATE_WORDS = 9 };
/* Larger than any element, so that what is no array is not taken for one. */
#define STATE_MOST 256
/*
 * Words from `line` on, which all builds have at these distances, those before it and those behind
 * it; without PCRE the last two come 3 words sooner.
 */
enum { BEFORE = 0x20, SECONDS = 0, MILLISECONDS = 1, METHOD = 2, LINE = 4, RAW_URI = 12 };
enum { BEFORE_WORDS = 14 };
enum { BEHIND = 0xb0, PHASE = 0, LENGTH = 10, ERROR = 11, HTTP_CONNECTION = 12 };
enum { BEHIND_WORDS = 13, PCRE_WORDS = 3 };
/* Of headers_out, from headers_in.server on. */
#define OUT_STATUS 0x98
/* No length and no status is as large as an address. */
#define LEAST_ADDRESS (1ULL << 20)

struct connection {
	__u64 address;
	__u32 pid, padding;
};

/* Those that were begun and have not ended, and some that ended unseen: start_ms tells. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct connection);
	__type(value, __u64);
} begun SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, REQUEST_PROCESSES);
	__type(key, __u32);
	__type(value, struct request_place);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} ended SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct request_sums);
} counts SEC(".maps");

static __always_inline struct request_sums *sums(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counts, &zero);
}

static __always_inline struct request_place *place_of(__u32 *pid)
{
	__u32 tid;

	current_ids(pid, &tid);
	return bpf_map_lookup_elem(&places, pid);
}

/* ngx_http_create_request(c) */
SEC("kprobe")
int request_begins(struct user_regs *ctx)
{
	struct connection c = {.address = REGS_ARGUMENT_1(ctx)};
	__u64 now = bpf_ktime_get_ns();
	struct request_sums *sum = sums();

	if (!sum || !place_of(&c.pid))
		return 0;
	bpf_map_update_elem(&begun, &c, &now, BPF_ANY);
	__sync_fetch_and_add(&sum->begins, 1);
	__sync_fetch_and_add(&sum->run_ns, bpf_ktime_get_ns() - now);
	return 0;
}

static __always_inline void read_text(char *out, __u64 size, __u64 length, __u64 address)
{
	/* The verifier of 5.10 wants a bound in its own terms; sizes are powers of two. */
	if (length >= size) {
		READ(out, size, address);
		return;
	}
	asm volatile("%0 &= 127" : "+r"(length));
	if (length < size)
		READ(out, length, address);
}

static __always_inline void read_state(struct request_state *out, __u64 address)
{
	__u64 words[STATE_WORDS], peer[2];

	out->peer_length = 0;
	out->status = 0;
	out->response = out->connect = out->header = -1;
	if (READ(words, sizeof(words), address))
		return;
	out->status = words[STATUS];
	out->response = words[RESPONSE];
	out->connect = words[CONNECT];
	out->header = words[HEADER];
	if (!words[PEER] || READ(peer, sizeof(peer), words[PEER]))
		return;
	out->peer_length = peer[0];
	read_text(out->peer, REQUEST_PEER, peer[0], peer[1]);
}

/* The last ones of the array, if it is that: its memory is the request's. */
static __always_inline void read_states(struct request_end *e, __u64 array, __u64 pool)
{
	__u64 words[ARRAY_WORDS], at, count;

	if (!array || !pool || READ(words, sizeof(words), array) || words[ARRAY_POOL] != pool ||
	    words[SIZE] < sizeof(__u64) * STATE_WORDS || words[SIZE] > STATE_MOST)
		return;
	at = words[ELEMENTS];
	count = words[COUNT];
	if (count > REQUEST_STATES) {
		at += (count - REQUEST_STATES) * words[SIZE];
		count = REQUEST_STATES;
	}
	e->states = count;
	if (count > 0)
		read_state(&e->state[0], at);
	if (count > 1)
		read_state(&e->state[1], at + words[SIZE]);
	if (count > 2)
		read_state(&e->state[2], at + 2 * words[SIZE]);
}

static __always_inline void read_before(struct request_end *e, const struct request_place *p)
{
	__u64 words[BEFORE_WORDS];

	if (READ(words, sizeof(words), e->request + p->line - BEFORE))
		return;
	e->known = 1;
	e->start_ms = words[SECONDS] * 1000 + words[MILLISECONDS];
	e->method = words[METHOD];
	e->line_length = words[LINE];
	if (!p->texts)
		return;
	e->uri_length = words[RAW_URI];
	read_text(e->uri, REQUEST_URI, words[RAW_URI], words[RAW_URI + 1]);
}

/* The access log's rule: err_status, if there is one. */
static __always_inline void read_behind(struct request_end *e, const struct request_place *p)
{
	__u64 words[BEHIND_WORDS];
	int sooner;

	if (READ(words, sizeof(words), e->request + p->line + BEHIND))
		return;
	e->phase = words[PHASE];
	/* http_connection is a pointer, and what may stand in its place is none. */
	sooner = words[HTTP_CONNECTION - PCRE_WORDS] > LEAST_ADDRESS;
	e->bytes_in = sooner ? words[LENGTH - PCRE_WORDS] : words[LENGTH];
	e->status = sooner ? words[ERROR - PCRE_WORDS] : words[ERROR];
}

static __always_inline void read_server(struct request_end *e, const struct request_place *p,
					__u64 result)
{
	__u64 words[2];

	if (!READ(words, sizeof(words[0]), e->request + p->server + OUT_STATUS) && !e->status) {
		e->status = words[0];
		/* As ngx_http_free_request() goes on to do. */
		if ((__s64)result > 0 && (!e->status || !e->bytes_out))
			e->status = result;
	}
	if (!p->texts || READ(words, sizeof(words), e->request + p->server))
		return;
	e->server_length = words[0];
	read_text(e->server, REQUEST_SERVER, words[0], words[1]);
}

static __always_inline void read_clock(struct request_end *e, const struct request_place *p)
{
	__u64 words[2];

	if (!READ(words, sizeof(words[0]), p->cached_time) && !READ(words, sizeof(words), words[0]))
		e->logged_ms = words[0] * 1000 + words[1];
}

static __always_inline void read_connection(struct request_end *e, __u64 address)
{
	struct connection c = {.address = address, .pid = e->pid};
	__u64 words[CONNECTION_WORDS], *begin;

	begin = bpf_map_lookup_elem(&begun, &c);
	if (begin)
		e->begin_ns = *begin;
	if (READ(words, sizeof(words), address))
		return;
	e->descriptor = (__s32)words[DESCRIPTOR];
	e->bytes_out = words[SENT];
}

static __always_inline void read_request(struct request_end *e, const struct request_place *p,
					 __u64 result)
{
	__u64 words[REQUEST_WORDS];

	if (READ(words, sizeof(words), e->request) || (__u32)words[0] != REQUEST_SIGNATURE)
		return;
	e->locations = words[LOCATIONS];
	e->main = words[MAIN];
	read_connection(e, words[CONNECTION]);
	if (!p->line || !p->server)
		return;
	read_before(e, p);
	read_behind(e, p);
	read_server(e, p, result);
	read_clock(e, p);
	read_states(e, words[STATES], words[POOL]);
	if (!e->states)
		read_states(e, words[STATES - 1], words[POOL - 1]);
}

/* ngx_http_free_request(r, rc) */
SEC("kprobe")
int request_ends(struct user_regs *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct request_sums *sum = sums();
	struct request_place *p;
	struct request_end *e;
	__u32 pid;

	p = place_of(&pid);
	if (!sum || !p)
		return 0;
	__sync_fetch_and_add(&sum->ends, 1);
	e = bpf_ringbuf_reserve(&ended, sizeof(*e), 0);
	if (!e) {
		__sync_fetch_and_add(&sum->lost, 1);
		return 0;
	}
	__builtin_memset(e, 0, __builtin_offsetof(struct request_end, uri));
	e->pid = pid;
	e->request = REGS_ARGUMENT_1(ctx);
	e->end_ns = now;
	e->descriptor = -1;
	read_request(e, p, REGS_ARGUMENT_2(ctx));
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	__sync_fetch_and_add(&sum->run_ns, bpf_ktime_get_ns() - now);
	return 0;
}
