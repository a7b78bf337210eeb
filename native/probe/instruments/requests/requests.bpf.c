// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Behind two functions of nginx: one makes a request, the other frees it, once for each that a
 * client sent, whatever the protocol, and before its memory goes. Of a request that has ended it
 * sends what tells how long it took and which one it was. subrequests.bpf.h watches the parts of
 * requests. Runs on 5.10 and later.
 *
 * The kernel may interrupt a program and run it for another worker on the same CPU, so it keeps
 * nothing by CPU: what it sends is written where it is sent from.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define REQUEST_FIELD(out, size, address)                                                          \
	bpf_probe_read_user((out), (size), (const void *)(unsigned long)(address))
#include "instruments/requests/request_fields.bpf.h"
#include "instruments/requests/arrival.bpf.h"
#include "walk/arch.h"
#include "walk/current.bpf.h"
#include "walk/request.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/*
 * Words of ngx_http_request_t, ngx_connection_t, ngx_array_t and ngx_http_upstream_state_t, the
 * same in all builds since 1.18 (without NGX_HTTP_CACHE the states and the pool come one word
 * sooner).
 */
enum { CONNECTION = 1, MAIN = 3, LOCATIONS = 5, STATES = 10, POOL = 11 };
/* Its header_in, an ngx_buf_t; an ngx_pool_t says which block follows. */
enum { BUFFER = 12, REQUEST_WORDS = 13 };
#define BUFFER_START 0x20
#define POOL_NEXT 0x10
enum { DESCRIPTOR = 3, SENT = 9, CONNECTION_WORDS = 10 };
enum { ELEMENTS = 0, COUNT = 1, SIZE = 2, ARRAY_POOL = 4, ARRAY_WORDS = 5 };
enum { STATUS = 0, RESPONSE = 1, CONNECT = 2, HEADER = 3, PEER = 8, STATE_WORDS = 9 };
/* Larger than any element, so that what is no array is not taken for one. */
#define STATE_MOST 256
struct connection {
	__u64 address;
	__u32 pid, padding;
};

struct begin {
	__u64 made_ns;
	struct arrival_times arrival;
};

/* Requests that have not ended, and some that ended unseen: start_ms tells. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct connection);
	__type(value, struct begin);
} begun SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, REQUEST_PROCESSES);
	__type(key, __u32);
	__type(value, struct request_place);
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 21);
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
	struct begin b = {.made_ns = bpf_ktime_get_ns(), .arrival = {.waited_ticks = -1}};
	struct request_sums *sum = sums();
	__u32 descriptor;

	if (!sum || !place_of(&c.pid))
		return 0;
	b.arrival.ticks = bpf_jiffies64();
	if (!REQUEST_FIELD(&descriptor, sizeof(descriptor), c.address + 8 * DESCRIPTOR))
		read_arrival(&b.arrival, descriptor);
	bpf_map_update_elem(&begun, &c, &b, BPF_ANY);
	__sync_fetch_and_add(&sum->begins, 1);
	__sync_fetch_and_add(&sum->run_ns, bpf_ktime_get_ns() - b.made_ns);
	return 0;
}

static __always_inline void read_state(struct request_state *out, __u64 address)
{
	__u64 words[STATE_WORDS], peer[2];

	out->peer_length = 0;
	out->status = 0;
	out->response = out->connect = out->header = -1;
	if (REQUEST_FIELD(words, sizeof(words), address))
		return;
	out->status = words[STATUS];
	out->response = words[RESPONSE];
	out->connect = words[CONNECT];
	out->header = words[HEADER];
	if (!words[PEER] || REQUEST_FIELD(peer, sizeof(peer), words[PEER]))
		return;
	out->peer_length = read_text(out->peer, REQUEST_PEER, peer[0], peer[1]);
}

/* The last ones of the array, if it is that: its memory is the request's. */
static __always_inline void read_states(struct request_end *e, __u64 array, __u64 pool)
{
	__u64 words[ARRAY_WORDS], at, count;

	if (!array || !pool || REQUEST_FIELD(words, sizeof(words), array) ||
	    words[ARRAY_POOL] != pool || words[SIZE] < sizeof(__u64) * STATE_WORDS ||
	    words[SIZE] > STATE_MOST)
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

static __always_inline void read_clock(struct request_end *e, const struct request_place *p)
{
	__u64 words[2];

	if (!REQUEST_FIELD(words, sizeof(words[0]), p->cached_time) &&
	    !REQUEST_FIELD(words, sizeof(words), words[0]))
		e->logged_ms = words[0] * 1000 + words[1];
}

static __always_inline void read_connection(struct request_end *e, __u64 address)
{
	struct connection c = {.address = address, .pid = e->pid};
	__u64 words[CONNECTION_WORDS];
	struct begin *begin;

	begin = bpf_map_lookup_elem(&begun, &c);
	if (begin) {
		e->begin_ns = begin->made_ns;
		e->begin_ticks = begin->arrival.ticks;
		e->waited_ticks = begin->arrival.waited_ticks;
		e->acknowledged_us = begin->arrival.acknowledged_us;
	}
	if (REQUEST_FIELD(words, sizeof(words), address))
		return;
	e->descriptor = (__s32)words[DESCRIPTOR];
	e->bytes_out = words[SENT];
}

/* Reads all that is at one place in all builds; `passed`: servers that it was passed to, too. */
static __always_inline void read_request(struct request_end *e, const struct request_place *p,
					 const __u64 words[REQUEST_WORDS], int passed)
{
	e->locations = words[LOCATIONS];
	e->main = words[MAIN];
	/* The rest of what its connection says is not of a part. */
	if (!e->part_of) {
		read_connection(e, words[CONNECTION]);
		read_clock(e, p);
	}
	if (!passed)
		return;
	read_states(e, words[STATES], words[POOL]);
	if (!e->states)
		read_states(e, words[STATES - 1], words[POOL - 1]);
}

/* All of it, so that user space can find out what is where. */
static __always_inline void copy_whole(struct request_whole *w, const __u64 words[REQUEST_WORDS])
{
	w->buffer_at = w->pool_at[1] = 0;
	if (REQUEST_FIELD(w->object, sizeof(w->object), w->end.request))
		w->end.request = 0;
	if (REQUEST_FIELD(&w->buffer_at, 8, words[BUFFER] + BUFFER_START) ||
	    REQUEST_FIELD(w->buffer, sizeof(w->buffer), w->buffer_at))
		w->buffer_at = 0;
	w->pool_at[0] = words[POOL];
	if (REQUEST_FIELD(w->pool[0], REQUEST_POOL, w->pool_at[0]))
		w->pool_at[0] = 0;
	if (REQUEST_FIELD(&w->pool_at[1], 8, words[POOL] + POOL_NEXT) ||
	    REQUEST_FIELD(w->pool[1], REQUEST_POOL, w->pool_at[1]))
		w->pool_at[1] = 0;
}

static __always_inline void begin_end(struct request_end *e, struct user_regs *ctx, __u32 pid,
				      __u64 now)
{
	__builtin_memset(e, 0, __builtin_offsetof(struct request_end, uri));
	e->pid = pid;
	e->request = REGS_ARGUMENT_1(ctx);
	e->result = (__s64)REGS_ARGUMENT_2(ctx);
	e->end_ns = now;
	e->descriptor = -1;
}

static __always_inline int send_whole(struct user_regs *ctx, const struct request_place *p,
				      __u32 pid, __u64 now, const __u64 words[REQUEST_WORDS])
{
	struct request_whole *w = bpf_ringbuf_reserve(&ended, sizeof(*w), 0);

	if (!w)
		return -1;
	begin_end(&w->end, ctx, pid, now);
	read_request(&w->end, p, words, 1);
	copy_whole(w, words);
	bpf_ringbuf_submit(w, BPF_RB_NO_WAKEUP);
	return 0;
}

/* Twice, since the verifier wants to know how much is reserved. */
static __always_inline int send_end(struct user_regs *ctx, const struct request_place *p, __u32 pid,
				    __u64 now, const __u64 words[REQUEST_WORDS], __u64 begin_ns,
				    __u64 part_of, int passed)
{
	struct request_end *e =
		bpf_ringbuf_reserve(&ended, passed ? sizeof(*e) : REQUEST_END_LEAST, 0);

	if (!e)
		return -1;
	begin_end(e, ctx, pid, now);
	e->part_of = part_of;
	e->begin_ns = begin_ns;
	read_request(e, p, words, passed);
	if (p->line && p->server)
		read_fields(e, p);
	bpf_ringbuf_submit(e, BPF_RB_NO_WAKEUP);
	return 0;
}

static __always_inline int is_whole_wanted(struct request_place *p)
{
	if ((__s32)p->whole <= 0)
		return 0;
	__sync_fetch_and_add(&p->whole, -1);
	return 1;
}

static __always_inline int send(struct user_regs *ctx, struct request_place *p, __u32 pid,
				__u64 now)
{
	__u64 words[REQUEST_WORDS];

	if (REQUEST_FIELD(words, sizeof(words), REGS_ARGUMENT_1(ctx)) ||
	    (__u32)words[0] != REQUEST_SIGNATURE)
		return -1;
	if (is_whole_wanted(p))
		return send_whole(ctx, p, pid, now, words);
	if (words[STATES] || words[STATES - 1])
		return send_end(ctx, p, pid, now, words, 0, 0, 1);
	return send_end(ctx, p, pid, now, words, 0, 0, 0);
}

/* ngx_http_free_request(r, rc) */
SEC("kprobe")
int request_ends(struct user_regs *ctx)
{
	__u64 now = bpf_ktime_get_ns();
	struct request_sums *sum = sums();
	struct request_place *p;
	__u32 pid;

	p = place_of(&pid);
	if (!sum || !p)
		return 0;
	__sync_fetch_and_add(&sum->ends, 1);
	if (send(ctx, p, pid, now))
		__sync_fetch_and_add(&sum->lost, 1);
	__sync_fetch_and_add(&sum->run_ns, bpf_ktime_get_ns() - now);
	return 0;
}

#include "instruments/requests/subrequests.bpf.h"
