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

/* ngx_lua's context of the request: its second word says which request that is. */
static __always_inline void copy_phases(struct scratch *s, __u64 contexts, __u32 slot)
{
	__u64 context, request;

	if (WALK_READ(&context, 8, contexts + slot) || WALK_READ(&request, 8, context + 8) ||
	    request != s->head.request ||
	    WALK_READ(s->phases, sizeof(s->phases), context + PHASE_FIRST))
		return;
	s->request.phases[0] = s->phases[PHASE_WORD_OF(0x184)];
	s->request.phases[1] = s->phases[PHASE_WORD_OF(0x18c)];
	s->request.phases[2] = s->phases[PHASE_WORD_OF(0x19c)];
	s->request.phases[3] = s->phases[PHASE_WORD_OF(0x1a4)];
}

/* Copies a text of the request, whose ngx_str_t is at `offset` in it. Its length, 0: none. */
#define COPY_TEXT_AT(s, to, offset)                                                                \
	({                                                                                         \
		__u64 *text_ = (s)->text;                                                          \
		WALK_READ(text_, 16, (s)->head.request + (offset)) || !text_[0]                    \
			? 0                                                                        \
			: COPY_TEXT(to, text_);                                                    \
	})

/*
 * The request's line is what the client sent: it stays that while nginx rewrites the URI, and a
 * subrequest has that of the request which made it. nginx empties it when it frees the request;
 * what ngx_lua makes up for a timer never has one.
 */
static __always_inline void copy_texts(struct scratch *s, const struct sampled_request *where)
{
	s->request.line_length = COPY_TEXT_AT(s, s->request.line, where->line);
	if (s->request.line_length && where->server)
		s->request.host_length = COPY_TEXT_AT(s, s->request.host, where->server);
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
	s->request.line_length = s->request.host_length = 0;
	if (p->request.slot)
		copy_phases(s, s->object[REQUEST_CONTEXTS], p->request.slot - 1);
	if (p->request.wanted && p->request.line)
		copy_texts(s, &p->request);
	return 0;
}

#endif
