/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Copies what names the request. Part of walker.bpf.c, whose scratch memory it works in. */
#ifndef ACUPOINT_REQUEST_BPF_H
#define ACUPOINT_REQUEST_BPF_H

#include "walk/request.h"

/*
 * The verifier of 5.10 wants the bound of a length in its own terms; what is beyond the text never
 * comes here, and would still be in the scratch memory.
 */
#if defined(__bpf__)
#define BOUND_TEXT(length) asm volatile("%0 &= 511" : "+r"(length))
#else
#define BOUND_TEXT(length) ((length) &= 511)
#endif
_Static_assert(REQUEST_LINE + REQUEST_HOST < 512, "lengths of texts");
_Static_assert(sizeof(struct scratch) - __builtin_offsetof(struct scratch, request) >
		       sizeof(struct sample_request) + 512,
	       "room for what the verifier takes to be possible");

/* Copies ngx_lua's context of the request: all at once, since a read costs more than its bytes.
 */
static __always_inline void copy_phases(struct scratch *s, __u64 contexts, __u32 slot)
{
	const __u16 *phases = s->context.phases;
	__u64 context;

	if (WALK_READ(&context, 8, contexts + slot) || !context ||
	    WALK_READ(&s->context, sizeof(s->context), context + CONTEXT_REQUEST) ||
	    s->context.request != s->head.request)
		return;
	s->request.phases[0] = phases[PHASE_WORD_OF(0x184)];
	s->request.phases[1] = phases[PHASE_WORD_OF(0x18c)];
	s->request.phases[2] = phases[PHASE_WORD_OF(0x19c)];
	s->request.phases[3] = phases[PHASE_WORD_OF(0x1a4)];
}

/* Copies `size` bytes to the text from its beginning on, or to where a host stands alone. */
static __always_inline int copy_text(struct scratch *s, int alone, __u64 size, __u64 address)
{
	BOUND_TEXT(size);
	return WALK_READ(s->request.text + (alone ? REQUEST_LINE : 0), size, address) ? -1 : 0;
}

static __always_inline __u64 at_most(__u64 length, __u64 bound)
{
	return length < bound ? length : bound;
}

/*
 * The request's line is what the client sent: it stays that while nginx rewrites the URI, and a
 * subrequest has that of the request which made it. nginx empties it when it frees the request;
 * what ngx_lua makes up for a timer never has one.
 */
static __always_inline void copy_texts(struct scratch *s, const struct sampled_request *where)
{
	__u64 *line = s->text, *host = s->text + 2, size, host_size = 0, host_at;

	if (WALK_READ(line, 16, s->head.request + where->line) || !line[0])
		return;
	size = at_most(line[0], REQUEST_LINE);
	if (where->server && !WALK_READ(host, 16, s->head.request + where->server))
		host_size = at_most(host[0], REQUEST_HOST);
	host_at = host[1] - line[1];
	if (host_size && host_at - line[0] <= REQUEST_GAP && host_at <= REQUEST_LINE) {
		size = host_at + host_size;
		if (copy_text(s, 0, size, line[1]))
			return;
	} else {
		if (copy_text(s, 0, size, line[1]))
			return;
		host_at = REQUEST_LINE;
		if (host_size && copy_text(s, 1, host_size, host[1]))
			host_size = 0;
		if (host_size)
			size = REQUEST_LINE + host_size;
	}
	s->request.line_length = at_most(line[0], 0xffff);
	s->request.host_length = host_size ? at_most(host[0], 0xffff) : 0;
	s->request.host_at = host_at;
	s->request.text_size = (size + 7) & ~7ULL;
}

/* Lua runs for the request in head.request, if it is one: of nginx's http, that is. */
__noinline int read_request(__u32 pid)
{
	struct sampled_process *p = bpf_map_lookup_elem(&processes, &pid);
	struct scratch *s = scratch();

	if (!s || !p)
		return 0;
	if (WALK_READ(s->object, sizeof(s->object), s->head.request) ||
	    (__u32)s->object[0] != REQUEST_SIGNATURE) {
		s->head.request = 0;
		return 0;
	}
	__builtin_memset(s->request.phases, 0, sizeof(s->request.phases));
	s->request.line_length = s->request.host_length = s->request.text_size = 0;
	if (p->request.slot)
		copy_phases(s, s->object[REQUEST_CONTEXTS], p->request.slot - 1);
	if (p->request.wanted && p->request.line)
		copy_texts(s, &p->request);
	return 0;
}

#endif
