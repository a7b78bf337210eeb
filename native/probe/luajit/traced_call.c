/* SPDX-License-Identifier: MIT */
#include "luajit/traced_call.h"

#include <stdlib.h>
#include <string.h>

#include "luajit/bytecode.h"
#include "luajit/callers.h"

/* Instructions between two snapshots that are looked at for calls. */
#define WAY_MAX 512

struct search {
	const struct traced_call *call;
	struct callers callers;
	/* NULL as well where the frames are not those of a stack that ends at jit_base. */
	const struct inlined *now, *next;
	uint32_t common; /* frames that neither left, from jit_base on */
};

static bool is_in(const struct proto *p, uint64_t pc)
{
	return pc - p->code < p->bytecodes * 4ULL;
}

/* A trace that returns to a lower frame moves jit_base: only one of the snapshots fits it then. */
static const struct inlined *ends_at_base(const struct search *s, const struct inlined *inlined)
{
	if (!inlined || inlined->tail_called ||
	    !is_in(s->call->base, inlined->frames[inlined->count - 1].pc))
		return NULL;
	return inlined;
}

static const struct inlined_frame *frame_at(const struct inlined *inlined, uint32_t from_base)
{
	return &inlined->frames[inlined->count - 1 - from_base];
}

static uint32_t common_frames(const struct search *s)
{
	const struct inlined *a = s->now, *b = s->next;
	uint32_t n = 1;

	if (!a || !b)
		return a && !s->call->around.next ? a->count : 1;
	while (n < a->count && n < b->count && frame_at(a, n)->proto &&
	       frame_at(a, n)->proto == frame_at(b, n)->proto &&
	       frame_at(a, n - 1)->pc == frame_at(b, n - 1)->pc)
		n++;
	return n;
}

static struct inlined *copy_from(const struct inlined *inlined, uint32_t index, uint32_t more)
{
	uint32_t count = inlined->count - index;
	struct inlined *out = malloc(sizeof(*out) + (count + more) * sizeof(*out->frames));

	if (!out)
		return NULL;
	memset(out, 0, sizeof(*out));
	out->count = count + more;
	memset(out->frames, 0, more * sizeof(*out->frames));
	memcpy(out->frames + more, inlined->frames + index, count * sizeof(*out->frames));
	return out;
}

static uint32_t instruction_at(const struct search *s, uint64_t pc)
{
	uint32_t instruction = 0;

	memory_u32(s->call->memory, pc, &instruction);
	return instruction;
}

/* Where the innermost common frame is: at its only call between the two, if there is one. */
static uint64_t common_pc(const struct search *s)
{
	const struct inlined *any = s->now ? s->now : s->next;
	uint64_t from = frame_at(any, s->common - 1)->pc, found = 0, to;
	uint32_t code[WAY_MAX], count, i;

	if (!s->now || !s->next)
		return from;
	to = frame_at(s->next, s->common - 1)->pc;
	count = to > from && to - from < sizeof(code) ? (to - from) / 4 : 0;
	if (!memory_read(s->call->memory, from, code, count * sizeof(*code)))
		return from;
	for (i = 1; i < count; i++) {
		if (!bytecode_is_call(code[i]))
			continue;
		if (found)
			return from;
		found = from + i * 4ULL;
	}
	return found ? found : from;
}

/* The frames that neither left, with room for more in front of them. */
static struct inlined *copy_common(const struct search *s, uint32_t more)
{
	const struct inlined *any = s->now ? s->now : s->next;
	struct inlined *out = copy_from(any, any->count - s->common, more);

	if (out)
		out->frames[more].pc = common_pc(s);
	return out;
}

static struct inlined *behind_call(const struct search *s)
{
	struct inlined *out = copy_from(s->next, 0, 0);

	if (out)
		out->frames[0].pc -= 4;
	return out;
}

static uint64_t proto_of(const struct search *s, const struct inlined *inlined, uint32_t index)
{
	return index + 1 == inlined->count ? s->call->base->address : inlined->frames[index].proto;
}

/* It is called by a frame of one of the snapshots: that one, with nothing in front of it. */
static struct inlined *in_frame(const struct search *s, const struct inlined *inlined,
				const struct place *place)
{
	struct inlined *out;
	uint32_t i;

	for (i = 0; inlined && i + s->common <= inlined->count; i++) {
		if (proto_of(s, inlined, i) != place->candidate->proto.address)
			continue;
		out = copy_from(inlined, i, 0);
		if (out)
			out->frames[0].pc = place->pc;
		return out;
	}
	return NULL;
}

/* By a function that was entered and left between them. */
static struct inlined *in_function(const struct search *s, const struct place *place)
{
	struct inlined *out = copy_common(s, 1);

	if (out)
		out->frames[0] = (struct inlined_frame){
			.proto = place->candidate->proto.address,
			.print = place->candidate->proto.print,
			.pc = place->pc,
		};
	return out;
}

/* All frames of the two are the same, but for where the innermost is. */
static bool is_same_stack(const struct search *s)
{
	return (!s->now || s->now->count == s->common) && (!s->next || s->next->count == s->common);
}

static bool has_one_caller(const struct search *s)
{
	size_t i;

	for (i = 1; i < s->callers.place_count; i++)
		if (s->callers.places[i].candidate != s->callers.places[0].candidate)
			return false;
	return s->callers.place_count && !s->callers.full;
}

static bool has_function(const struct search *s, const struct inlined *inlined, uint64_t proto)
{
	uint32_t i;

	for (i = 0; inlined && i < inlined->count; i++)
		if (proto_of(s, inlined, i) == proto)
			return true;
	return false;
}

/* Are all functions that the trace knows in the two stacks? Then none was entered and left. */
static bool is_all_seen(const struct search *s)
{
	uint64_t proto;
	size_t i;

	for (i = 0; i < s->callers.candidate_count; i++) {
		proto = s->callers.candidates[i].proto.address;
		if (!has_function(s, s->now, proto) && !has_function(s, s->next, proto))
			return false;
	}
	return !s->callers.full;
}

/*
 * The innermost frame that neither left passes a call on its way from one to the other, and the
 * others that call it too are in neither stack.
 */
static const struct place *passed(const struct search *s)
{
	const struct place *p, *found = NULL;
	uint64_t proto, from, to;

	if (!s->now || !s->next)
		return NULL;
	from = frame_at(s->now, s->common - 1)->pc;
	to = frame_at(s->next, s->common - 1)->pc;
	proto = proto_of(s, s->now, s->now->count - s->common);
	for (p = s->callers.places; p < s->callers.places + s->callers.place_count; p++) {
		if (p->candidate->proto.address != proto) {
			if (has_function(s, s->now, p->candidate->proto.address) ||
			    has_function(s, s->next, p->candidate->proto.address))
				return NULL;
		} else if (p->pc >= from && p->pc < to) {
			if (found)
				return NULL;
			found = p;
		}
	}
	return found;
}

static struct inlined *choose(const struct search *s)
{
	const struct place *place;
	struct inlined *out;
	size_t i;

	if (!s->now && !s->next)
		return NULL;
	for (i = 0; s->next && i < s->callers.place_count; i++)
		if (s->callers.places[i].pc == s->next->frames[0].pc - 4)
			return behind_call(s);
	place = has_one_caller(s) ? &s->callers.places[0] : passed(s);
	if (place) {
		out = in_frame(s, s->now, place);
		if (!out)
			out = in_frame(s, s->next, place);
		return out ? out : in_function(s, place);
	}
	if (!s->callers.place_count && is_all_seen(s)) {
		if (is_same_stack(s))
			return NULL;
		if (s->next && bytecode_is_call(instruction_at(s, s->next->frames[0].pc - 4)))
			return behind_call(s);
	}
	out = copy_common(s, 0);
	if (out)
		out->lost = true;
	return out;
}

struct inlined *traced_call_frames(const struct traced_call *c)
{
	struct search *s;
	struct inlined *out = NULL;

	if (c->layout->gc32 || !c->snapshots->constants)
		return NULL;
	s = malloc(sizeof(*s));
	if (!s)
		return NULL;
	s->call = c;
	if (callers_find(c, &s->callers)) {
		s->now = ends_at_base(s, c->around.now);
		s->next = ends_at_base(s, c->around.next);
		s->common = common_frames(s);
		out = choose(s);
	}
	free(s);
	return out;
}
