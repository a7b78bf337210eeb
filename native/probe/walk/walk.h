/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The walk over a Lua stack (LuaJIT 2.1), one frame a step. The same code runs in BPF and in user
 * space: the includer defines WALK_READ(dst, size, address), which is 0 when all of it was read.
 * Nothing that is read is trusted: addresses are only ever read from, through WALK_READ.
 */
#ifndef ACUPOINT_WALK_H
#define ACUPOINT_WALK_H

#include "walk/arch.h"
#include "walk/objects.h"
#include "walk/sample.h"
#include "walk/walk_path.h"

/* Words of the thread's own stack, of which the includer may have some at hand. */
#ifndef WALK_READ_STACK
#define WALK_READ_STACK(words, count, address) WALK_READ((words), 8 * (count), (address))
#endif

/*
 * 1: a position says of itself which prototype it is in, whatever closure stands there: within one
 * moment bytecode stays where it is.
 */
#ifndef WALK_BY_POSITION
#define WALK_BY_POSITION 0
#endif

#define LUA_STATE_INTERPRETER (-1)
#define LUA_STATE_C (-2)
#define LUA_STATE_GC (-3)
#define LUA_STATE_EXIT (-4)

enum walk_state {
	WALK_GOES_ON = 0,
	WALK_BOTTOM, /* the Lua stack's first frame was passed */
	WALK_BROKEN,
	WALK_ENDED, /* and no other coroutine stands below */
};

struct walk {
	__u64 lua_state;
	__u64 stack;
	__u64 bottom; /* frames are above this slot; 0: not known, while the stack is being moved */
	__u64 limit;
	__u64 frame;  /* the slot of the link word; the function is one below it */
	__u64 pc;     /* of this frame; 0: not known */
	__u64 link;   /* of this frame, where it is not on the stack yet; or 0 */
	__u64 cframe; /* where the interpreter saved its position at the last C boundary; 0: none */
	__u64 exdata2;
	__u32 state;
	__u8 skip; /* this frame is the lower half of a vararg frame that was reported */
	__u8 flags;
	__u8 joins;
	__u8 depth;	 /* C frames of the interpreter that were passed */
	__u8 gc32;	 /* of sampled_vm; set before the walk begins */
	__u8 old_cframe; /* likewise */
};

#define WALK_KNOWN_FRAMES 32
/* Coroutines inside coroutines: C gives no room for more than 200, ngx_lua's scheduler does. */
#define WALK_JOINS 250

static inline void walk_begin(struct walk *w, __u64 lua_state, const struct lua_head *head,
			      __u64 base, __u64 pc, __u64 cframe)
{
	w->lua_state = lua_state;
	w->stack = head->stack;
	w->bottom = head->stack + LUA_STACK_HEAD(w->gc32);
	w->limit = head->stack + 8 * (__u64)head->size;
	/*
	 * While a stack grows, the base is for a moment in the old memory, whose bounds are lost;
	 * its bottom is known by the thread itself in the first slot.
	 */
	if (base <= w->bottom || base > w->limit + 8) {
		w->bottom = 0;
		w->limit = ~0ULL;
	}
	w->frame = base - 8;
	w->pc = pc;
	w->link = 0;
	w->cframe = cframe;
	w->exdata2 = head->exdata2;
	w->state = WALK_GOES_ON;
	w->skip = 0;
	w->flags = 0;
}

/* The function and the link of the frame at w->frame. */
static inline int walk_read_frame(struct walk *w, struct walk_cache *c, __u64 slots[2])
{
	__u64 end = w->frame + 8, at = w->frame - 8 - c->window_start;

	if (at > (WALK_WINDOW - 2) * 8) {
		c->window_start = end - WALK_WINDOW * 8;
		if (WALK_READ(c->window, sizeof(c->window), c->window_start)) {
			c->window_start = 0;
			return lua_read_slots(slots, w->frame + 8, w->gc32);
		}
		at = (WALK_WINDOW - 2) * 8;
	}
	slots[0] = c->window[(at / 8) & (WALK_WINDOW - 1)];
	slots[1] = c->window[(at / 8 + 1) & (WALK_WINDOW - 1)];
	if (IS_GC32(w->gc32))
		lua_split_slot(slots, slots[1]);
	return 0;
}

/* A slot, from the window if it is there. */
static inline int walk_read_slot(const struct walk_cache *c, __u64 address, __u64 *out)
{
	__u64 at = address - c->window_start;

	if (at > (WALK_WINDOW - 1) * 8)
		return WALK_READ(out, 8, address);
	*out = c->window[(at / 8) & (WALK_WINDOW - 1)];
	return 0;
}

/* Reads what `function` is, from itself. False: this is no function. */
static inline int walk_ask(struct walk *w, struct walk_cache *c, __u64 function,
			   struct sample_frame *out)
{
	struct walk_proto proto;
	struct lua_function f;

	if (lua_read_function(&f, function, w->gc32) || f.gct != WALK_FUNCTION)
		return 0;
	if (f.ffid) {
		out->what = function;
		out->where = f.c;
		out->print = f.ffid;
		out->kind = SAMPLE_C;
		return 1;
	}
	if (walk_read_proto(c, f.pc - LUA_PROTO_SIZE(w->gc32), w->gc32, &proto))
		return 0;
	if (w->pc - f.pc <= (__u64)proto.size * 4)
		walk_keep_function(c, w->pc, function, &proto);
	out->what = proto.proto;
	out->where = w->pc;
	out->print = proto.print;
	out->kind = SAMPLE_LUA;
	return 1;
}

/*
 * Fills in what the frame is. False: this is no function. Inlined by order: all frames need it, and
 * a call more is more stack than 5.10 gives.
 */
static inline __attribute__((always_inline)) int
walk_describe(struct walk *w, struct walk_cache *c, __u64 function, struct sample_frame *out)
{
	struct walk_position *known = walk_position_of(c, w->pc);

	if (walk_was_in(known, c, w->pc, function) ||
	    (WALK_BY_POSITION && walk_is_known(known, c, w->pc) && known->proto)) {
		out->what = w->pc - known->proto;
		out->where = w->pc;
		out->print = known->print;
		out->kind = SAMPLE_LUA;
	} else if (!walk_ask(w, c, function, out)) {
		return 0;
	}
	out->flags = w->flags | (__u16)w->depth << SAMPLE_DEPTH_SHIFT;
	w->flags = 0;
	return 1;
}

/* One C frame of the interpreter further towards the root. */
static inline void walk_deeper(struct walk *w)
{
	if (w->depth < SAMPLE_DEPTH_MAX)
		w->depth++;
}

static inline int walk_read_cframe(const struct walk *w, __u64 words[6], __u64 cframe)
{
	return WALK_READ_STACK(words, 6, CFRAME_PART(cframe, w->old_cframe));
}

/* The lua_State that a C frame of the interpreter is of. */
static inline int walk_cframe_state(const struct walk *w, __u64 *lua_state, __u64 cframe)
{
	if (WALK_READ_STACK(lua_state, 1,
			    CFRAME_PART(cframe, w->old_cframe) + LUA_CFRAME_L(w->gc32)))
		return -1;
	*lua_state = lua_reference(*lua_state, w->gc32);
	return 0;
}

/* Is the frame in the segment of the C frame that begins with `words`? */
static inline int walk_owns_frame(const struct walk *w, const __u64 *words)
{
	__s32 results = lua_wanted_results(words, w->gc32);

	return results >= 0 ||
	       w->frame >= w->bottom - LUA_STACK_HEAD(w->gc32) + (__u64)(-(__s64)results);
}

/*
 * A C boundary: the position of the Lua function below it is in an outer C frame of the
 * interpreter. Frames of lua_cpcall (results < 0) belong to a segment that ends at a stack slot.
 */
static inline void walk_pop_cframe(struct walk *w)
{
	__u64 words[6];
	__u64 previous;
	int i;

	w->pc = 0;
	if (!w->cframe || walk_read_cframe(w, words, w->cframe))
		return;
	for (i = 0; i < 3; i++) {
		previous = CFRAME_ADDRESS(words[CFRAME_PREV / 8]);
		if (!previous || walk_read_cframe(w, words, previous))
			return;
		w->cframe = previous;
		walk_deeper(w);
		if (walk_owns_frame(w, words)) {
			w->pc = lua_saved_pc(words[CFRAME_PC / 8], w->gc32);
			if (w->pc == w->lua_state)
				w->pc = 0;
			return;
		}
	}
}

/* The innermost C frame may be one of lua_cpcall, in which no Lua function runs: the JIT
 * compiler's. */
static inline void walk_settle(struct walk *w)
{
	__u64 words[6];

	if (!walk_read_cframe(w, words, w->cframe) && !walk_owns_frame(w, words))
		walk_pop_cframe(w);
}

/* Old memory is freed, which destroys its first words, the root's frame; that is in the new memory.
 */
static inline int walk_to_new_stack(struct walk *w)
{
	if (w->bottom)
		return 0;
	w->bottom = w->stack + LUA_STACK_HEAD(w->gc32);
	w->frame = w->bottom + LUA_FRAME_HEAD(w->gc32);
	w->state = WALK_GOES_ON;
	return 0;
}

/*
 * Most frames are a Lua function that was seen at its position before and was called by another.
 * Reports such frames, up to `capacity`, as walk_step() would, and says how many; `w` stands on the
 * first that is anything else.
 */
static inline __u32 walk_known_frames(struct walk *w, struct walk_cache *c, struct walk_paths *p,
				      struct sample_frame *out, __u32 capacity)
{
	__u16 flags = (__u16)w->depth << SAMPLE_DEPTH_SHIFT;
	__u64 frame = w->frame, at, slot;
	const struct walk_past *past;
	struct walk_past here;
	__u32 n = 0;

	if (IS_GC32(w->gc32) || w->skip || w->flags || w->link || (frame & 7))
		return 0;
	here.pc = w->pc;
	for (n = 0; n < WALK_KNOWN_FRAMES; n++) {
		at = frame - 8 - c->window_start;
		if (n >= capacity || at > (WALK_WINDOW - 2) * 8 || frame <= w->bottom ||
		    frame > w->limit)
			break;
		here.function = LUA_POINTER(c->window[(at / 8) & (WALK_WINDOW - 1)]);
		here.link = c->window[(at / 8 + 1) & (WALK_WINDOW - 1)];
		if (LINK_KIND(here.link) != LINK_LUA || here.link & ~WALK_FUNCTION_BITS)
			break;
		slot = (frame - w->stack) / 8 & 0xffff;
		here.link |= slot << WALK_SLOT_SHIFT;
		past = walk_meet(p, slot);
		if (past && past->pc == here.pc && past->link == here.link &&
		    (past->function & WALK_FUNCTION_BITS) == here.function) {
			here = *past;
			p->next++;
		} else if (!walk_look_up(c, &here)) {
			break;
		}
		*walk_past_of(p, p->side, p->written) = here;
		p->written++;
		out[n].what = here.pc - here.proto;
		out[n].where = here.pc;
		out[n].print = here.print;
		out[n].kind = SAMPLE_LUA;
		out[n].flags = flags;
		frame -= here.function >> WALK_BYTES_SHIFT;
		here.pc = here.link & WALK_FUNCTION_BITS;
	}
	w->frame = frame;
	w->pc = here.pc;
	return n;
}

/*
 * Passes frames that Lua functions called from known positions, and says how many: no more than
 * their links are looked at.
 */
static inline __u32 walk_follow(struct walk *w, struct walk_cache *c)
{
	__u64 frame = w->frame, at, link;
	const struct walk_position *p;
	__u32 n;

	if (IS_GC32(w->gc32) || w->skip || w->flags || w->link || (frame & 7))
		return 0;
	for (n = 0; n < WALK_WINDOW / 2; n++) {
		at = frame - 8 - c->window_start;
		if (at > (WALK_WINDOW - 2) * 8 || frame <= w->bottom || frame > w->limit)
			break;
		link = c->window[(at / 8 + 1) & (WALK_WINDOW - 1)];
		p = walk_position_of(c, link);
		if (LINK_KIND(link) != LINK_LUA || !walk_is_known(p, c, link) ||
		    !(p->function >> WALK_BYTES_SHIFT))
			break;
		frame -= p->function >> WALK_BYTES_SHIFT;
		w->pc = link;
	}
	w->frame = frame;
	return n;
}

/* Reports the frame that `w` stands on, if it is one, and goes to the one below. 1: `out` was
 * filled in. */
static inline int walk_step(struct walk *w, struct walk_cache *c, struct sample_frame *out)
{
	__u64 slots[2], link, contpc[2], bytes;
	int filled = 0, starts;

	if (w->frame <= w->bottom) {
		w->state = WALK_BOTTOM;
		return 0;
	}
	w->state = WALK_BROKEN;
	if (w->frame > w->limit || (w->frame & 7) || walk_read_frame(w, c, slots))
		return 0;
	link = w->link ? w->link : slots[1];
	w->link = 0;
	/* A coroutine's first frame has no link yet while it is being started. */
	starts = link == LUA_NIL && (!w->bottom || w->frame <= w->bottom + LUA_FRAME_HEAD(w->gc32));
	/* A frame whose function is the thread itself is a dummy that the VM puts there for errors.
	 */
	if (!w->skip && LUA_POINTER(slots[0]) != w->lua_state) {
		filled = walk_describe(w, c, LUA_POINTER(slots[0]), out);
		if (!filled && !starts)
			return walk_to_new_stack(w);
	}
	if (starts) {
		w->state = WALK_BOTTOM;
		return filled;
	}
	w->skip = 0;
	if (LINK_KIND(link) == LINK_LUA) {
		if (walk_read_call(c, link, w->gc32, &bytes))
			return filled;
		w->pc = link;
		w->frame -= bytes;
		w->state = WALK_GOES_ON;
		return filled;
	}
	if (LINK_BYTES(link) == 0 || LINK_BYTES(link) > w->frame)
		return filled;
	if (LINK_TYPE(link) == LINK_VARARG) {
		/* The copy below has the same function and holds the link to the caller. */
		w->skip = 1;
		w->frame -= LINK_BYTES(link);
	} else if (LINK_TYPE(link) == LINK_CONTINUATION) {
		if (lua_read_continuation(contpc, w->frame + 8, w->gc32))
			return filled;
		w->frame -= LINK_BYTES(link);
		w->pc = contpc[1];
		if (contpc[0] == 0)
			w->flags |= SAMPLE_FRAME_TAIL;
		else if (contpc[0] == 1)
			walk_pop_cframe(w);
	} else {
		w->frame -= LINK_BYTES(link);
		w->pc = 0;
		if (LINK_KIND(link) == LINK_C)
			walk_pop_cframe(w);
	}
	w->state = WALK_GOES_ON;
	return filled;
}

/* Continues on `lua_state`, which stands below in the chain of resumes. */
static inline int walk_into(struct walk *w, struct sample_frame *out, struct lua_head *head,
			    __u64 lua_state, __u64 cframe)
{
	if (lua_read_head(head, lua_state, w->gc32) || head->gct != WALK_THREAD ||
	    CFRAME_ADDRESS(head->cframe) != cframe)
		return 0;
	out->what = lua_state;
	out->where = w->lua_state;
	out->print = 0;
	out->kind = SAMPLE_JOIN;
	if (cframe)
		walk_deeper(w);
	out->flags = cframe ? 0 : SAMPLE_FRAME_SCHEDULED;
	out->flags |= (__u16)w->depth << SAMPLE_DEPTH_SHIFT;
	walk_begin(w, lua_state, head, head->base, 0, cframe);
	w->joins++;
	return 1;
}

/*
 * At the bottom of a coroutine: which one resumed it? Either the interpreter that called this
 * one's, on the same C stack, or, in ngx_lua, whose scheduler resumes all from C, the parent in its
 * co-context.
 */
static inline int walk_join(struct walk *w, struct sample_frame *out, struct lua_head *head,
			    const struct sampled_vm *vm)
{
	struct {
		__u64 data, co, parent;
	} context;
	__u64 outer, previous = 0;
	int i;

	w->state = WALK_ENDED;
	if (w->joins >= WALK_JOINS)
		return 0;
	for (i = 0; w->cframe && i < 8; i++) {
		if (WALK_READ_STACK(&previous, 1,
				    CFRAME_PART(w->cframe, w->old_cframe) + CFRAME_PREV))
			return 0;
		previous = CFRAME_ADDRESS(previous);
		if (!previous)
			break;
		w->cframe = previous;
		walk_deeper(w);
	}
	if (w->cframe && !previous &&
	    !WALK_READ_STACK(&outer, 1, CFRAME_RECORD(w->cframe, w->old_cframe) + 8) &&
	    outer - vm->code_start < vm->code_end - vm->code_start) {
		outer = w->cframe + CFRAME_SIZE;
		if (walk_cframe_state(w, &previous, outer))
			return 0;
		return walk_into(w, out, head, previous, outer);
	}
	if (!vm->exdata2 || !w->exdata2 || WALK_READ(&context, sizeof(context), w->exdata2) ||
	    context.co != w->lua_state || !context.parent ||
	    WALK_READ(&context, sizeof(context), context.parent) || !context.co)
		return 0;
	return walk_into(w, out, head, context.co, 0);
}

#endif
