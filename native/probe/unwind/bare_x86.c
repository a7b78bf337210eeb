/* SPDX-License-Identifier: MIT */
#include "unwind/bare_x86.h"

#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "unwind/x86_stack.h"

#define RULE_PLACES 31
#define NO_PIECE UINT32_MAX
/* As compilers align them, but where they make code small. */
#define FUNCTION_ALIGNMENT 16
/* How often each byte may be looked at: code that was made to be followed without end. */
#define VISITS 32

static const uint8_t TRAMPOLINE[] = {0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05};

enum {
	BEGINS = 1, /* an instruction, read in order */
	KNOWN = 2,
	ENTRY = 4,  /* a function's: it is called */
	TARGET = 8, /* a jump leads here: it is a function's inside, as far as can be told */
	PADDING = 16,
	LAST = 32, /* what comes behind is reached from elsewhere */
	DISPATCH = 64,
	CALLS = 128,
};

struct place {
	struct x86_frame frame;
	uint8_t flags;
	uint32_t piece; /* that made it known */
};

struct way {
	uint32_t at;
	struct x86_frame frame;
	uint32_t piece; /* that it goes out from */
};

struct ways {
	struct way *items;
	size_t count, capacity;
};

/*
 * Code that was followed from one place up to calls. It is not sure that those come back, so the
 * code behind a call is a piece of its own: it is believed where it, or the code behind its calls,
 * comes to a return as it should.
 */
struct piece {
	uint32_t from;	     /* the piece whose call is before it, or NO_PIECE */
	uint32_t first, end; /* of what was followed */
	bool proved;
};

struct sweep {
	const uint8_t *code;
	uint32_t size;
	struct place *places; /* one a byte */
	uint32_t *followed;   /* places, in the order in which they became known */
	uint32_t followed_count;
	struct piece *pieces;
	uint32_t piece_count, piece_capacity;
	struct ways jumps, returns; /* that are to be followed: of one piece, and behind calls */
	uint64_t visits;
	bool lenient; /* what nothing proves is kept all the same */
	bool no_memory;
};

/* ---- what is there -------------------------------------------------------------------------- */

static bool is_padding(const struct x86_instruction *i)
{
	return (i->map == X86_ONE_BYTE && (i->opcode == 0x90 || i->opcode == 0xcc)) ||
	       (i->map == X86_0F && i->opcode == 0x1f);
}

static bool is_call(const struct x86_instruction *i)
{
	return i->map == X86_ONE_BYTE &&
	       (i->opcode == 0xe8 || (i->opcode == 0xff && (i->reg & 7) == 2));
}

static bool decode(const struct sweep *s, uint32_t at, struct x86_instruction *out)
{
	return x86_decode(s->code + at, s->size - at, out);
}

/* Where a jump or a call at `at` goes to; the size of all: out of here. */
static uint32_t target_of(const struct sweep *s, uint32_t at, const struct x86_instruction *i)
{
	int64_t target = (int64_t)at + i->length + i->immediate;

	return target >= 0 && target < s->size ? (uint32_t)target : s->size;
}

static void note_target(struct sweep *s, uint32_t at, const struct x86_instruction *i,
			enum x86_way way)
{
	uint32_t target = target_of(s, at, i);

	if (target >= s->size)
		return;
	if (way == X86_BRANCHES || way == X86_JUMPS)
		s->places[target].flags |= TARGET;
	/* To get its own address code calls what is behind. */
	else if (is_call(i) && i->opcode == 0xe8 && target != at + i->length)
		s->places[target].flags |= ENTRY;
}

static void read_in_order(struct sweep *s)
{
	struct x86_frame unused = {0};
	struct x86_instruction i;
	enum x86_way way;

	for (uint32_t at = 0; at < s->size; at += i.length) {
		if (!decode(s, at, &i)) {
			s->places[at].flags |= LAST;
			i.length = 1;
			continue;
		}
		way = x86_follow(&i, &unused);
		s->places[at].flags |=
			BEGINS | (is_padding(&i) ? PADDING : 0) | (way >= X86_JUMPS ? LAST : 0) |
			(way == X86_DISPATCHES ? DISPATCH : 0) | (is_call(&i) ? CALLS : 0);
		note_target(s, at, &i, way);
	}
}

/* ---- what frames it has --------------------------------------------------------------------- */

static void add_way(struct sweep *s, struct ways *ways, struct way way)
{
	if (way.at >= s->size || s->no_memory)
		return;
	if (array_reserve(ways->items, ways->capacity, ways->count + 1, 256))
		ways->items[ways->count++] = way;
	else
		s->no_memory = true;
}

static uint32_t add_piece(struct sweep *s, uint32_t from, bool proved)
{
	if (!array_reserve(s->pieces, s->piece_capacity, s->piece_count + 1, 256)) {
		s->no_memory = true;
		return NO_PIECE;
	}
	s->pieces[s->piece_count] = (struct piece){.from = from,
						   .first = s->followed_count,
						   .end = s->followed_count,
						   .proved = proved};
	return s->piece_count++;
}

static void prove(struct sweep *s, uint32_t piece)
{
	for (; piece != NO_PIECE && !s->pieces[piece].proved; piece = s->pieces[piece].from)
		s->pieces[piece].proved = true;
}

static bool agree(const struct x86_frame *a, const struct x86_frame *b)
{
	return a->outermost || b->outermost ||
	       (a->depth == b->depth && (a->depth || a->base == b->base));
}

/* Follows one way to its end. False: it makes no sense. */
static bool follow_way(struct sweep *s, struct way w, bool *proved)
{
	struct x86_frame frame = w.frame;
	struct x86_instruction i;
	enum x86_way way;
	struct place *p;

	for (uint32_t at = w.at; at < s->size && (frame.depth || frame.base || frame.outermost);) {
		p = &s->places[at];
		if (p->flags & KNOWN) {
			*proved |= s->pieces[p->piece].proved;
			if (agree(&p->frame, &frame))
				return true;
			if (!frame.base || p->frame.base != frame.base)
				return false;
			/* A loop that makes room: from its base on the frame is known. */
			if (!p->frame.depth)
				return true;
			frame.depth = 0;
		}
		/* The code before it does not go on, as behind a system call that ends the process.
		 */
		if (p->flags & ENTRY && at != w.at && frame.depth != 1)
			return true;
		if (!decode(s, at, &i) || s->visits == 0)
			return false;
		s->visits--;
		if (!(p->flags & KNOWN)) {
			p->piece = w.piece;
			s->followed[s->followed_count++] = at;
		}
		p->frame = frame;
		p->flags |= KNOWN;
		way = x86_follow(&i, &frame);
		if (way == X86_RETURNS) {
			*proved = true;
			return frame.depth == 1 || frame.outermost;
		}
		if (way == X86_ENDS || way == X86_DISPATCHES)
			return true;
		if (is_call(&i)) {
			add_way(s, &s->returns, (struct way){at + i.length, frame, w.piece});
			return true;
		}
		if (way == X86_BRANCHES)
			add_way(s, &s->jumps, (struct way){target_of(s, at, &i), frame, w.piece});
		at = way == X86_JUMPS ? target_of(s, at, &i) : at + i.length;
	}
	return true;
}

static void forget(struct sweep *s, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++)
		s->places[s->followed[i]].flags &= (uint8_t)~KNOWN;
}

/* Follows a piece. Where a way of it makes no sense nothing of it is kept. */
static void follow_piece(struct sweep *s, struct way start, bool sure)
{
	uint32_t piece = add_piece(s, start.piece, sure);
	size_t returns = s->returns.count;
	bool good = piece != NO_PIECE, proved = false;
	struct way way;

	if (!good)
		return;
	start.piece = piece;
	s->jumps.count = 0;
	add_way(s, &s->jumps, start);
	while (good && s->jumps.count) {
		way = s->jumps.items[--s->jumps.count];
		good = follow_way(s, way, &proved);
	}
	if (!good) {
		forget(s, s->pieces[piece].first, s->followed_count);
		s->followed_count = s->pieces[piece].first;
		s->returns.count = returns;
		s->pieces[piece].from = NO_PIECE;
	} else if (proved) {
		prove(s, piece);
	}
	s->pieces[piece].end = s->followed_count;
}

/*
 * Stands there, behind padding, what functions begin with: what calls may lead to, a register that
 * is saved, or room for a frame?
 */
static bool has_prologue(const struct sweep *s, uint32_t at)
{
	struct x86_instruction i;
	bool good = decode(s, at, &i);

	while (good && is_padding(&i)) {
		at += i.length;
		good = at < s->size && decode(s, at, &i);
	}
	if (!good)
		return false;
	if (i.map == X86_0F)
		return i.opcode == 0x1e && i.mod == 3 && i.rm == 2; /* endbr64 */
	if (i.map != X86_ONE_BYTE)
		return false;
	if (i.opcode == 0x81 || i.opcode == 0x83)
		return i.mod == 3 && i.rm == X86_RSP && (i.reg & 7) == 5;
	return i.opcode >= 0x50 && i.opcode <= 0x57 &&
	       (i.rm == X86_RBX || i.rm == X86_RBP || i.rm >= X86_R12);
}

/* Follows the code behind the calls of pieces, and behind theirs; forgets unproven pieces. */
static void follow_returns(struct sweep *s, uint32_t first_piece)
{
	const struct place *p;
	struct way way;

	while (s->returns.count && !s->no_memory) {
		way = s->returns.items[--s->returns.count];
		p = &s->places[way.at];
		if (p->flags & KNOWN && s->pieces[p->piece].proved && agree(&p->frame, &way.frame))
			prove(s, way.piece);
		if (!(p->flags & (KNOWN | ENTRY)) && !(s->lenient && has_prologue(s, way.at)))
			follow_piece(s, way, false);
	}
	for (uint32_t i = first_piece; i < s->piece_count && !s->lenient; i++)
		if (!s->pieces[i].proved)
			forget(s, s->pieces[i].first, s->pieces[i].end);
}

static void follow_entries(struct sweep *s)
{
	for (uint32_t at = 0; at < s->size && !s->no_memory; at++)
		if (s->places[at].flags & ENTRY && !(s->places[at].flags & KNOWN))
			follow_piece(s, (struct way){at, x86_frame_at_entry(), NO_PIECE}, true);
	follow_returns(s, 0);
}

/*
 * Is `frame` the one at `at`? Only if something proves it, or, `lenient`, if nothing speaks against
 * it.
 */
static bool try(struct sweep *s, uint32_t at, struct x86_frame frame, bool lenient)
{
	uint32_t first = s->piece_count;

	/* Pieces that were followed before stay as they are. */
	s->followed_count = 0;
	s->lenient = lenient;
	follow_piece(s, (struct way){at, frame, NO_PIECE}, false);
	follow_returns(s, first);
	if (s->places[at].flags & KNOWN)
		return true;
	/* No place is of them: code that fails everywhere shall not fill memory. */
	s->piece_count = first;
	return false;
}

/*
 * Finds a frame for the code at `at`, to which no known way leads. It is a function that only
 * addresses lead to; a case of a switch, with the frame of the jump to it; or, if nothing else is
 * left, code behind a call, or a function, of which no way returns, as in the one that calls
 * main().
 */
static bool find_frame(struct sweep *s, uint32_t at, const struct x86_frame *switched,
		       const struct x86_frame *called, bool last_resort)
{
	const struct x86_frame entry = x86_frame_at_entry();
	bool target = s->places[at].flags & TARGET;

	if (switched->depth && try(s, at, *switched, false))
		return false;
	if (!target && try(s, at, entry, false))
		return true;
	if (!last_resort || target)
		return false;
	if (has_prologue(s, at))
		return try(s, at, entry, true);
	if (called->depth || called->base)
		try(s, at, *called, true);
	return false;
}

static void follow_the_rest(struct sweep *s, uint32_t pc, bool last_resort)
{
	const struct x86_frame none = {0};
	struct x86_frame switched = none, called = none;
	bool begins = true, aligned = false;
	struct place *p;

	for (uint32_t at = 0; at < s->size && s->visits && !s->no_memory; at++) {
		p = &s->places[at];
		aligned |= p->flags & PADDING;
		if (p->flags & PADDING || !(p->flags & (BEGINS | LAST)))
			continue;
		begins |= aligned && (pc + at) % FUNCTION_ALIGNMENT == 0;
		if (begins && p->flags & BEGINS && !(p->flags & (KNOWN | ENTRY)) &&
		    find_frame(s, at, &switched, &called, last_resort))
			p->flags |= ENTRY;
		if (p->flags & ENTRY)
			switched = none;
		if (p->flags & KNOWN && p->flags & DISPATCH)
			switched = p->frame;
		/* Behind a call that is known, too, if nothing is known there. */
		called = p->flags & CALLS && p->flags & KNOWN ? p->frame : none;
		begins = p->flags & LAST || called.depth || called.base;
		aligned = false;
	}
}

/* ---- what rules that makes ------------------------------------------------------------------ */

static uint32_t rule_of(const struct place *p)
{
	const struct x86_frame *f = &p->frame;
	uint32_t saved = f->saved <= RULE_PLACES ? f->saved : UNWIND_PLACE_UNKNOWN;

	if (!(p->flags & KNOWN))
		return UNWIND_NONE;
	if (f->outermost)
		return unwind_rule(UNWIND_END, 0, 0, 0);
	if (f->depth)
		return unwind_rule(UNWIND_SP, saved, 1, f->depth);
	return f->base ? unwind_rule(UNWIND_FP, saved, 1, f->base) : UNWIND_NONE;
}

/* The return trampoline of signals: mov $15, %rax (rt_sigreturn); syscall. */
static bool is_trampoline(const struct sweep *s, uint32_t at)
{
	return s->size - at > sizeof(TRAMPOLINE) &&
	       !memcmp(s->code + at, TRAMPOLINE, sizeof(TRAMPOLINE));
}

static bool add_rows(const struct sweep *s, uint32_t pc, struct rows *rows)
{
	uint32_t rule, last = UNWIND_NONE;

	for (uint32_t at = 0; at < s->size; at++) {
		/* Its return address is looked up before its first instruction. */
		if (is_trampoline(s, at + 1))
			rule = unwind_rule(UNWIND_SIGNAL, 0, 0, 0);
		else if (s->places[at].flags & (BEGINS | KNOWN))
			rule = rule_of(&s->places[at]);
		else
			continue;
		if (rule != last && !rows_add(rows, pc + at, rule))
			return false;
		last = rule;
		if (unwind_rule_kind(rule) == UNWIND_SIGNAL)
			at += sizeof(TRAMPOLINE);
	}
	return last == UNWIND_NONE || rows_add(rows, pc + s->size, UNWIND_NONE);
}

bool bare_x86_rows(const uint8_t *code, size_t size, uint32_t pc, struct rows *rows)
{
	struct sweep s = {.code = code, .size = (uint32_t)size, .visits = VISITS * (uint64_t)size};
	bool good = false;

	s.places = calloc(size ? size : 1, sizeof(*s.places));
	s.followed = calloc(size ? size : 1, sizeof(*s.followed));
	if (s.places && s.followed) {
		read_in_order(&s);
		follow_entries(&s);
		follow_the_rest(&s, pc, false);
		follow_the_rest(&s, pc, true);
		good = !s.no_memory && add_rows(&s, pc, rows);
	}
	free(s.jumps.items);
	free(s.returns.items);
	free(s.pieces);
	free(s.followed);
	free(s.places);
	return good;
}
