/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Which request nginx itself works for, where no Lua runs: when it answers, talks to an upstream or
 * ends one. Its functions pass the request on, so it is in registers and, several times, on the
 * stack. Part of take.bpf.h, whose scratch memory it works in.
 */
#ifndef ACUPOINT_FIND_REQUEST_BPF_H
#define ACUPOINT_FIND_REQUEST_BPF_H

/* Pieces of SCAN_WORDS: deeper is what began the event, not what works for a request. */
#define REQUEST_CHUNKS 12
/* So often one must be met to be sure at once: a word may be left from a request before. */
#define REQUEST_ENOUGH 3

/*
 * Does a request live here? Its connection leads back to it, or to the one of its subrequests that
 * answers, and what the client asked for was read.
 */
__noinline int is_request(__u64 address)
{
	struct scratch *s = scratch();
	__u64 other, length;
	__u32 signature;

	if (!s || WALK_READ(s->object, 16, address) || (__u32)s->object[0] != REQUEST_SIGNATURE ||
	    WALK_READ(&other, 8, s->object[1]))
		return 0;
	if (other != address && (WALK_READ(&signature, 4, other) || signature != REQUEST_SIGNATURE))
		return 0;
	return !WALK_READ(&length, 8, address + s->request_line) && length;
}

/* Counts a word that may be the address of a request. 1: that is enough. */
__noinline int vote_request(__u64 word)
{
	struct scratch *s = scratch();
	__u32 at = (word >> 4) & (REQUEST_REFUSED - 1);

	if (!s)
		return 1;
	if (!word)
		return 0;
	if (word == s->voted[0])
		return ++s->votes[0] >= REQUEST_ENOUGH;
	if (word == s->voted[1])
		return ++s->votes[1] >= REQUEST_ENOUGH;
	if (word == s->refused[at])
		return 0;
	s->refused[at] = word;
	/* Pools begin at 16 bytes; what is on the stack itself is no request. */
	if ((word & 15) || !lua_is_object(word) || word - s->head.sp < STACK_REACH ||
	    !is_request(word))
		return 0;
	at = s->voted[0] != 0;
	if (s->voted[at])
		return 0;
	s->voted[at] = word;
	s->votes[at] = 1;
	return 0;
}

/* One piece of the thread's stack. 1: enough was found, or there is no more. */
__noinline int scan_request(__u32 chunk)
{
	struct scratch *s = scratch();
	__u64 at;
	int i;

	if (!s)
		return 1;
	at = s->head.sp + (__u64)chunk * sizeof(s->chunk);
	if (at >= s->request_until || WALK_READ(s->chunk, sizeof(s->chunk), at))
		return 1;
	for (i = 0; i < SCAN_WORDS; i++) {
		if (vote_request(s->chunk[i]))
			return 1;
	}
	return 0;
}

/* Votes by the registers that calls leave alone: a function keeps there what it works for. */
static __always_inline void vote_registers(const struct unwind_walk *w)
{
#if defined(__TARGET_ARCH_x86)
	vote_request(w->registers[3]);
	vote_request(w->registers[5]);
	vote_request(w->registers[6]);
	vote_request(w->registers[12]);
	vote_request(w->registers[13]);
	vote_request(w->registers[14]);
	vote_request(w->registers[15]);
#else
	(void)w;
#endif
}

/* Sets head.request, if one is found. `line` as in sampled_request. */
__noinline int find_request(__u32 line)
{
	struct unwind_scratch *u = unwind_scratch();
	struct scratch *s = scratch();
	int i;

	if (!s || !u)
		return 0;
	__builtin_memset(s->voted, 0, sizeof(s->voted));
	__builtin_memset(s->votes, 0, sizeof(s->votes));
	__builtin_memset(s->refused, 0, sizeof(s->refused));
	s->request_line = line;
	s->request_until = ~0ULL;
	if (s->head.native_state == UNWIND_COMPLETE && u->walk.sp > s->head.sp)
		s->request_until = u->walk.sp;
	vote_registers(&u->walk);
	for (i = 0; i < REQUEST_CHUNKS; i++) {
		if (scan_request(i))
			break;
	}
	s->head.request = s->voted[s->votes[1] > s->votes[0]];
	return 0;
}

#endif
