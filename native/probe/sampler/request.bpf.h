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

/* Reads are what this costs: few large ones rather than many small ones. */
static __always_inline void copy_phases(struct scratch *s, __u64 contexts, __u32 slot)
{
	struct request_context *c = &s->context;
	__u64 context;

	if (WALK_READ(&context, 8, contexts + slot) || WALK_READ(c, sizeof(*c), context + 8) ||
	    c->request != s->head.request)
		return;
	s->request.phases[0] = c->words[PHASE_WORD_OF(0x184)];
	s->request.phases[1] = c->words[PHASE_WORD_OF(0x18c)];
	s->request.phases[2] = c->words[PHASE_WORD_OF(0x19c)];
	s->request.phases[3] = c->words[PHASE_WORD_OF(0x1a4)];
}

#if defined(__bpf__)
#define BOUND_OBJECT(offset) asm volatile("%0 &= 1023" : "+r"(offset))
#else
#define BOUND_OBJECT(offset) ((offset) &= 1023)
#endif
_Static_assert(REQUEST_OBJECT == 1024, "offsets into a request");

/* The ngx_str_t at an offset that nginx has it at; the memory behind is there for the verifier. */
static __always_inline const __u64 *string_at(struct scratch *s, __u64 offset)
{
	BOUND_OBJECT(offset);
	return (const __u64 *)((const __u8 *)s->object + (offset & ~7ULL));
}

/*
 * The request's line is what the client sent: it stays that while nginx rewrites the URI, and a
 * subrequest has that of the request which made it. nginx empties it when it frees the request;
 * what ngx_lua makes up for a timer never has one.
 */
static __always_inline void copy_texts(struct scratch *s, const struct sampled_request *where)
{
	const __u64 *text = string_at(s, where->line);

	if (!text[0])
		return;
	s->request.line_length = COPY_TEXT(s->request.line, text);
	text = string_at(s, where->server);
	if (where->server && text[0])
		s->request.host_length = COPY_TEXT(s->request.host, text);
}

/* Lua runs for the request in head.request, if it is one: of nginx's http, that is. */
__noinline int read_request(__u32 pid)
{
	struct sampled_process *p = bpf_map_lookup_elem(&processes, &pid);
	struct scratch *s = scratch();

	if (!s || !p)
		return 0;
	if (WALK_READ(s->object, REQUEST_OBJECT, s->head.request) ||
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
