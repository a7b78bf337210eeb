/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Copies what names the request. Part of walker.bpf.c, whose scratch memory it works in. */
#ifndef ACUPOINT_REQUEST_BPF_H
#define ACUPOINT_REQUEST_BPF_H

#include "sampler/request.h"

/*
 * The verifier of 5.10 wants the bound of a length in its own terms; what is beyond the room of a
 * text never comes here, and would still be in the scratch memory.
 */
#if defined(__bpf__)
#define BOUND_TEXT(length) asm volatile("%0 &= 255" : "+r"(length))
#else
#define BOUND_TEXT(length) ((length) &= 255)
#endif
_Static_assert(REQUEST_LINE <= 256 && REQUEST_HOST <= 256, "lengths of texts");

/* Copies an ngx_str_t. Returns its length, 0 where it cannot be read. */
#define COPY_TEXT(to, text)                                                                        \
	({                                                                                         \
		__u64 length_ = (text)[0], known_ = length_ > 0xffff ? 0xffff : length_;           \
		long failed_;                                                                      \
		if (length_ >= sizeof(to)) {                                                       \
			failed_ = WALK_READ((to), sizeof(to), (text)[1]);                          \
		} else {                                                                           \
			BOUND_TEXT(length_);                                                       \
			failed_ = WALK_READ((to), length_, (text)[1]);                             \
		}                                                                                  \
		failed_ ? 0 : (__u32)known_;                                                       \
	})

static __always_inline void copy_phases(struct scratch *s, __u64 contexts, __u32 slot)
{
	__u16 words[PHASE_WORDS];
	__u64 context, request;

	if (WALK_READ(&context, 8, contexts + slot) || WALK_READ(&request, 8, context + 8) ||
	    request != s->head.request || WALK_READ(words, sizeof(words), context + PHASE_FIRST))
		return;
	s->request.phases[0] = words[PHASE_WORD_OF(0x184)];
	s->request.phases[1] = words[PHASE_WORD_OF(0x18c)];
	s->request.phases[2] = words[PHASE_WORD_OF(0x19c)];
	s->request.phases[3] = words[PHASE_WORD_OF(0x1a4)];
}

/*
 * The request's line is what the client sent: it stays that while nginx rewrites the URI, and a
 * subrequest has that of the request which made it. nginx empties it when it frees the request;
 * what ngx_lua makes up for a timer never has one.
 */
static __always_inline void copy_texts(struct scratch *s, const struct sampled_request *where)
{
	__u64 text[2], request = s->head.request;

	if (WALK_READ(text, sizeof(text), request + where->line) || !text[0])
		return;
	s->request.line_length = COPY_TEXT(s->request.line, text);
	if (where->server && !WALK_READ(text, sizeof(text), request + where->server))
		s->request.host_length = COPY_TEXT(s->request.host, text);
}

/* Lua runs for the request in head.request, if it is one: of nginx's http, that is. */
__noinline int read_request(__u32 pid)
{
	struct sampled_process *p = bpf_map_lookup_elem(&processes, &pid);
	struct scratch *s = scratch();
	struct {
		__u32 signature, pad;
		__u64 connection, contexts;
	} r;

	if (!s || !p)
		return 0;
	if (WALK_READ(&r, sizeof(r), s->head.request) || r.signature != REQUEST_SIGNATURE) {
		s->head.request = 0;
		return 0;
	}
	__builtin_memset(&s->request, 0, sizeof(s->request));
	if (p->request.slot)
		copy_phases(s, r.contexts, p->request.slot - 1);
	if (p->request.wanted && p->request.line)
		copy_texts(s, &p->request);
	return 0;
}

#endif
