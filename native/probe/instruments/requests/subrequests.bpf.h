// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Behind two more functions of nginx, for requests that a request makes of its own server. nginx
 * posts a subrequest as soon as it is made. It finalizes one more than once: the first time at
 * which it neither goes on with it nor answers in its stead is the end. Included once, by
 * requests.bpf.c.
 */

struct subrequest {
	__u64 address;
	__u32 pid, padding;
};

struct part {
	__u64 begin_ns;
	__u64 made_ns; /* when the request was made that it is a part of: addresses come again */
	__u64 ended;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct subrequest);
	__type(value, struct part);
} parts SEC(".maps");

/* The request that a client sent, of which `request` is a part; 0: it is that itself, or unknown.
 */
static __always_inline __u64 whole_of(const struct request_place *p, __u64 request)
{
	__u64 main = 0;

	if (!p->line || REQUEST_FIELD(&main, sizeof(main), request + p->line + MAIN_REQUEST))
		return 0;
	return main == request ? 0 : main;
}

/* When the request was made that came over the same connection; 0: nobody saw that. */
static __always_inline __u64 made_ns(__u64 request, __u32 pid)
{
	struct connection c = {.pid = pid};
	struct begin *b;

	if (REQUEST_FIELD(&c.address, sizeof(c.address), request + 8 * CONNECTION))
		return 0;
	b = bpf_map_lookup_elem(&begun, &c);
	return b ? b->made_ns : 0;
}

static __always_inline void note_part(struct request_sums *sum, __u64 request, __u32 pid, __u64 now)
{
	struct subrequest key = {.address = request, .pid = pid};
	struct part part = {.begin_ns = now, .made_ns = made_ns(request, pid)};
	struct part *before;

	if (!part.made_ns)
		return;
	before = bpf_map_lookup_elem(&parts, &key);
	if (before && before->made_ns == part.made_ns)
		return;
	bpf_map_update_elem(&parts, &key, &part, BPF_ANY);
	__sync_fetch_and_add(&sum->subrequests, 1);
}

/* ngx_http_post_request(r, pr): of a subrequest that was made just now, or to wake one. */
SEC("kprobe")
int request_posted(struct user_regs *ctx)
{
	__u64 now = bpf_ktime_get_ns(), request = REGS_ARGUMENT_1(ctx);
	struct request_sums *sum = sums();
	struct request_place *p;
	__u32 pid;

	p = place_of(&pid);
	if (!sum || !p)
		return 0;
	__sync_fetch_and_add(&sum->posts, 1);
	if (whole_of(p, request))
		note_part(sum, request, pid, now);
	__sync_fetch_and_add(&sum->run_ns, bpf_ktime_get_ns() - now);
	return 0;
}

static __always_inline void end_part(struct user_regs *ctx, struct request_sums *sum,
				     struct request_place *p, __u32 pid, __u64 now)
{
	struct subrequest key = {.address = REGS_ARGUMENT_1(ctx), .pid = pid};
	__u64 words[REQUEST_WORDS], part_of = whole_of(p, key.address);
	struct part *part;
	int failed;

	part = part_of ? bpf_map_lookup_elem(&parts, &key) : 0;
	if (!part || part->ended || REQUEST_FIELD(words, sizeof(words), key.address) ||
	    (__u32)words[0] != REQUEST_SIGNATURE)
		return;
	if (!request_is_answered_by_nginx((__s64)REGS_ARGUMENT_2(ctx)))
		part->ended = 1;
	if (words[STATES] || words[STATES - 1])
		failed = send_end(ctx, p, pid, now, words, part->begin_ns, part_of, 1);
	else
		failed = send_end(ctx, p, pid, now, words, part->begin_ns, part_of, 0);
	if (failed)
		__sync_fetch_and_add(&sum->lost_parts, 1);
}

/* ngx_http_finalize_request(r, rc) */
SEC("kprobe")
int request_part_ends(struct user_regs *ctx)
{
	__s64 result = (__s64)REGS_ARGUMENT_2(ctx);
	__u64 now = bpf_ktime_get_ns();
	struct request_sums *sum = sums();
	struct request_place *p;
	__u32 pid;

	p = place_of(&pid);
	if (!sum || !p)
		return 0;
	__sync_fetch_and_add(&sum->parts, 1);
	if (result != RESULT_DONE && result != RESULT_DECLINED)
		end_part(ctx, sum, p, pid, now);
	__sync_fetch_and_add(&sum->run_ns, bpf_ktime_get_ns() - now);
	return 0;
}
