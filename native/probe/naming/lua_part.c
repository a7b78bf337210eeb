/* SPDX-License-Identifier: MIT */
#include "naming/lua_part.h"

#include <string.h>

#include "naming/native_part.h"
#include "walk/arch.h"

/* Facts on the frame that was put last: it may name the one that comes. */
struct builder {
	struct naming *naming;
	struct process *process;
	struct lua_vm *vm;
	struct lua_part *out;
	struct native_part *native;
	const struct taken_sample *taken;
	size_t depth;	     /* of the last frame: which C frame of the interpreter it runs on */
	struct proto caller; /* the last Lua frame, if has_caller */
	uint32_t caller_position;
	bool has_caller, after_pcall;
	bool returns;	     /* the coming frame is in one of its returns */
	bool may_resume;     /* the last frame is C that may have resumed the coroutine to come */
	uint32_t next_flags; /* of the coming frame */
	uint32_t all_flags;  /* of each */
	bool any;	     /* a frame has a name */
	bool gone;	     /* one has none any more */
	bool vm_gone;	     /* `vm` is a sibling of the one that ran */
};

static void push(struct builder *b, uint32_t function, enum frame_kind kind, uint32_t line,
		 uint32_t flags)
{
	flags |= b->next_flags | b->all_flags;
	frame_list_push(b->native->frames,
			model_frame(b->naming->model, function, kind, line, flags));
	b->next_flags = 0;
}

static struct call_site site_of(const struct builder *b)
{
	return (struct call_site){
		.proto = b->has_caller ? &b->caller : NULL,
		.position = b->caller_position,
		.argument = b->after_pcall ? 1 : 0,
	};
}

/* A frame seen while the thread ran on need not have been called from where it seems to be. */
static struct call_site lua_site_of(const struct builder *b, uint32_t flags)
{
	struct call_site site = site_of(b);

	if (b->all_flags || (flags & FRAME_FLAG_TAIL_CALLED))
		site.proto = NULL;
	return site;
}

/* Returns what the sample itself says of the function of its frame with this index. */
static const struct sample_place *place_of(const struct builder *b, size_t index)
{
	return index < b->taken->place_count ? &b->taken->places[index] : NULL;
}

/* A Lua function and where in it: `exact`: the instruction itself, not the one behind it. */
struct lua_at {
	uint64_t proto;
	uint32_t print;
	const struct sample_place *place; /* or NULL */
	uint64_t pc;
	bool exact;
};

/* True if its line is known. */
static bool push_lua(struct builder *b, const struct lua_at *at, enum frame_kind kind,
		     uint32_t flags)
{
	struct call_site site = lua_site_of(b, flags);
	const struct lua_function_info *f;
	uint32_t position, line = 0;
	bool sure = true;

	b->native->function = 0;
	f = functions_lua(b->process->functions, b->vm, at->proto, at->print, at->place, &site,
			  b->naming->now_ms);
	if (!f)
		return false;
	b->has_caller = b->after_pcall = b->may_resume = false;
	b->gone |= f->gone;
	if (f->gone && !f->placed) {
		push(b, f->function, kind, 0, flags | FRAME_FLAG_COLLECTED);
		return false;
	}
	position = proto_position(&b->vm->memory, &f->proto,
				  at->exact && at->pc ? at->pc + 4 : at->pc);
	if (position == NO_POSITION && b->returns && !f->gone &&
	    proto_return(&b->vm->memory, &f->proto, &position, &sure) && !sure)
		flags |= FRAME_FLAG_APPROXIMATE;
	line = functions_line(b->process->functions, b->vm, f, position);
	/* A function that is defined in the block may run later, in a timer. */
	if (!b->any && !f->proto.first_line)
		b->out->phase = f->phase;
	b->any = true;
	push(b, f->function, kind, line, flags);
	b->caller = f->proto;
	b->caller_position = position;
	b->has_caller = position != NO_POSITION && !f->gone;
	return position != NO_POSITION && sure;
}

static void push_c(struct builder *b, const struct c_identity *id, uint32_t flags)
{
	struct call_site site = site_of(b);
	struct c_function c;

	c = functions_c(b->process->functions, b->vm, b->process->symbols, id, &site,
			b->naming->now_ms);
	push(b, c.function, id->ffid > 1 ? FRAME_LUA_BUILTIN : FRAME_LUA_C, 0, flags);
	/* The caller of pcall knows the name of what it passes; the one of other C does not. */
	b->after_pcall = c.calls_argument;
	b->has_caller = c.calls_argument && b->has_caller;
	b->may_resume = c.may_resume;
	b->any = true;
	b->native->function = id->address;
}

static uint32_t flags_of(const struct sample_frame *f)
{
	return f->flags & SAMPLE_FRAME_TAIL ? FRAME_FLAG_TAIL_CALLED : 0;
}

/* Native frames stand between those of two C frames of the interpreter. */
static void go_to_depth(struct builder *b, const struct sample_frame *f)
{
	size_t depth = f->flags >> SAMPLE_DEPTH_SHIFT;

	if (depth >= b->depth)
		return;
	b->depth = depth;
	native_part_until(b->native, depth);
}

/*
 * Frames that the walk passed and did not keep. Their number stands for its magnitude alone, or a
 * recursion would be another stack at each depth.
 */
static void push_gap(struct builder *b, uint64_t frames)
{
	static const char *const texts[] = {
		"[1 to 9 frames not kept]", "[10 to 99 frames not kept]",
		"[100 to 999 frames not kept]", "[1000 to 9999 frames not kept]",
		"[10000 or more frames not kept]"};
	size_t i = 0;

	for (uint64_t most = 9; frames > most && i + 1 < sizeof(texts) / sizeof(*texts); i++)
		most = most * 10 + 9;
	b->has_caller = b->after_pcall = b->may_resume = false;
	b->out->left_out = true;
	frame_list_push(b->native->frames, frame_mark(b->naming->model, texts[i], FRAME_TRUNCATED));
}

/* Frames [from, to) of the sample, which run from the leaf to the root, in the other direction. */
static bool push_frames(struct builder *b, const struct sample_frame *frames, size_t from,
			size_t to)
{
	const struct sample_frame *f;
	bool sure = false;

	while (to-- > from) {
		f = &frames[to];
		go_to_depth(b, f);
		if (f->kind == SAMPLE_JOIN) {
			/* Who resumed it is waiting in that call; who made it a thread of its own
			 * is not. */
			if ((f->flags & SAMPLE_FRAME_SCHEDULED) && !b->may_resume)
				b->next_flags = FRAME_FLAG_SPAWNED;
			b->has_caller = b->after_pcall = false;
		} else if (f->kind == SAMPLE_GAP) {
			push_gap(b, f->where);
		} else if (f->kind == SAMPLE_C) {
			push_c(b, &(struct c_identity){f->print, f->what, f->where}, flags_of(f));
			sure = true;
		} else {
			b->returns = f->flags & SAMPLE_FRAME_RETURNS;
			sure = push_lua(b,
					&(struct lua_at){f->what, f->print, place_of(b, to),
							 f->where, false},
					FRAME_LUA, flags_of(f));
		}
	}
	return sure;
}

/*
 * All frames but the innermost, which `leaf` counts. Of a stack that is deeper than there is room
 * for, the outer half is a ring, and between it and the inner half frames may be missing.
 */
static bool push_stack(struct builder *b, size_t leaf)
{
	const struct sample_frame *frames = b->taken->frames;
	const struct sample *h = b->taken->head;
	size_t oldest = SAMPLE_LEAF + h->ring % SAMPLE_ROOT;
	uint64_t known = 0;

	if (h->frames < SAMPLE_FRAMES || !h->walked)
		return push_frames(b, frames, leaf, h->frames);
	for (size_t i = 0; i < SAMPLE_FRAMES; i++)
		known += frames[i].kind == SAMPLE_GAP ? frames[i].where
						      : frames[i].kind != SAMPLE_JOIN;
	push_frames(b, frames, SAMPLE_LEAF, oldest);
	push_frames(b, frames, oldest, SAMPLE_FRAMES);
	if (h->walked > known)
		push_gap(b, h->walked - known);
	return push_frames(b, frames, leaf, SAMPLE_LEAF);
}

/* The frame that is the nearest to the root; there is one. */
static const struct sample_frame *outermost(const struct taken_sample *t)
{
	const struct sample *h = t->head;

	if (h->frames == SAMPLE_FRAMES && h->walked && h->ring % SAMPLE_ROOT)
		return &t->frames[SAMPLE_LEAF + h->ring % SAMPLE_ROOT - 1];
	return &t->frames[h->frames - 1];
}

/* ---- JIT ---------------------------------------------------------------------------------------
 */

/* Compiled code that calls C leaves its return address below its own spill slots. */
static uint64_t return_address(const struct taken_sample *t, uint32_t spadjust)
{
	uint32_t back = spadjust / 8 + 1;

	return back <= t->head->words ? t->words[t->head->words - back] : 0;
}

/* Where in which trace is the sample? An address of 0: only the trace is known. */
static bool find_trace(struct jit *jit, const struct taken_sample *t, struct jit_trace *trace,
		       uint64_t *address)
{
	const struct sample *h = t->head;
	uint32_t spadjust;

	*address = h->trace_ip;
	if (h->trace_ip && jit_by_address(jit, h->trace_ip, trace))
		return true;
	*address = h->ip;
	if (h->vm_state >= 0 && jit_by_number(jit, h->vm_state, trace)) {
		if (h->ip - trace->mcode < trace->size)
			return true;
		*address = return_address(t, trace->spadjust) - 1;
		if (*address - trace->mcode < trace->size)
			return true;
	}
	*address = h->ip;
	if (!(h->flags & SAMPLE_IN_VM) && jit_by_address(jit, h->ip, trace))
		return true;
	/* A collection on a trace hides its number: the right spill size is one whose trace has it.
	 */
	for (spadjust = 0; spadjust / 8 < h->words; spadjust += 16) {
		*address = return_address(t, spadjust) - 1;
		if (jit_by_address(jit, *address, trace) && trace->spadjust == spadjust)
			return true;
	}
	*address = 0;
	return h->vm_state >= 0 && jit_by_number(jit, h->vm_state, trace);
}

static void push_inlined(struct builder *b, const struct inlined_frame *f, uint32_t flags)
{
	flags |= FRAME_FLAG_APPROXIMATE;
	if (f->proto)
		push_lua(b, &(struct lua_at){f->proto, f->print, NULL, f->pc, true}, FRAME_LUA_JIT,
			 flags);
	else
		push_c(b, &f->c, flags);
}

/*
 * Which of the snapshot's frames is the one at jit_base? The outermost; but a trace that goes on in
 * another one deeper in the stack moves jit_base up before it jumps. Returns `count` where it is
 * none of them.
 */
static uint32_t base_index(const struct proto *proto, const struct sample_frame *base,
			   const struct inlined *inlined)
{
	const struct inlined_frame *frames = inlined->frames;
	uint32_t i = inlined->count - 1;

	if (inlined->tail_called)
		return i;
	if (proto && frames[i].pc - proto->code < proto->bytecodes * 4ULL)
		return i;
	while (i-- > 0)
		if (frames[i].proto == base->what && frames[i].print == base->print)
			return i;
	return inlined->count;
}

/* The function at jit_base; NULL where it is gone. Valid until the next function is looked up. */
static const struct proto *base_proto(struct builder *b, const struct sample_frame *base)
{
	struct call_site site = lua_site_of(b, 0);
	const struct lua_function_info *f;

	f = functions_lua(b->process->functions, b->vm, base->what, base->print, place_of(b, 0),
			  &site, b->naming->now_ms);
	return f && !f->gone ? &f->proto : NULL;
}

/* The frame at jit_base, which the trace runs, and what is inlined into it. */
static enum quality push_trace(struct builder *b, const struct taken_sample *t)
{
	const struct sample_frame *f = &t->frames[0];
	struct lua_at at = {f->what, f->print, place_of(b, 0), 0, true};
	const struct inlined *inlined = NULL;
	const struct proto *base = NULL;
	struct jit_trace trace = {0};
	uint64_t address = 0;
	uint32_t i = 0;

	go_to_depth(b, f);
	if (!b->vm_gone && find_trace(b->vm->jit, t, &trace, &address)) {
		b->out->trace = trace.number;
		b->out->in_mcode = address == t->head->ip;
		if (f->kind == SAMPLE_LUA)
			base = base_proto(b, f);
		if (address && base && !b->out->in_mcode)
			inlined = jit_calling(b->vm->jit, &trace, address,
					      native_part_callee(b->native), base,
					      b->process->symbols);
		else if (address)
			inlined = jit_inlined(b->vm->jit, &trace, address);
	}
	if (f->kind != SAMPLE_LUA) {
		push_frames(b, t->frames, 0, 1);
		return QUALITY_TRACE_ROOT;
	}
	if (inlined)
		i = base_index(base, f, inlined);
	if (!inlined || i == inlined->count) {
		at.pc = trace.start_proto == f->what ? trace.start_pc : 0;
		push_lua(b, &at, FRAME_LUA_JIT, FRAME_FLAG_APPROXIMATE | flags_of(f));
		return QUALITY_TRACE_ROOT;
	}
	at.pc = inlined->frames[i].pc;
	if (inlined->tail_called)
		push_inlined(b, &inlined->frames[i], FRAME_FLAG_TAIL_CALLED);
	else
		push_lua(b, &at, FRAME_LUA_JIT, FRAME_FLAG_APPROXIMATE | flags_of(f));
	while (i-- > 0)
		push_inlined(b, &inlined->frames[i], FRAME_FLAG_INLINED);
	if (!inlined->lost)
		return QUALITY_FUNCTION;
	frame_list_push(b->native->frames,
			frame_mark(b->naming->model, "[unknown]", FRAME_UNKNOWN));
	return QUALITY_TRACE_ROOT;
}

/* ---- all ----------------------------------------------------------------------------------------
 */

static enum vm_state state_of(const struct sample *h)
{
	static const enum vm_state states[] = {VM_INTERPRETER, VM_C,	    VM_GC,	VM_EXIT,
					       VM_RECORD,      VM_OPTIMISE, VM_ASSEMBLE};
	uint32_t state = ~(uint32_t)h->vm_state;

	if (h->vm_state >= 0)
		return h->jit_base ? VM_JIT : VM_INTERPRETER;
	return state < sizeof(states) / sizeof(*states) ? states[state] : VM_NONE;
}

void lua_part_add(struct naming *n, struct process *p, struct lua_vm *vm, bool vm_gone,
		  const struct taken_sample *t, struct native_part *native, struct lua_part *out)
{
	struct builder b = {.naming = n,
			    .process = p,
			    .vm = vm,
			    .vm_gone = vm_gone,
			    .out = out,
			    .native = native,
			    .taken = t,
			    .depth = SAMPLE_DEPTH_MAX + 1};
	const struct sample *h = t->head;
	size_t leaf = 0;
	bool sure;

	out->vm_state = state_of(h);
	if ((h->flags & SAMPLE_ON_TRACE) && out->vm_state == VM_INTERPRETER)
		out->vm_state = VM_JIT;
	if (!h->frames) {
		out->quality = QUALITY_UNKNOWN;
		return;
	}
	if (h->flags & SAMPLE_TORN)
		b.all_flags = FRAME_FLAG_APPROXIMATE;
	go_to_depth(&b, outermost(t));
	if (h->flags & SAMPLE_TRUNCATED)
		frame_list_push(native->frames,
				frame_mark(n->model, "[truncated]", FRAME_TRUNCATED));
	else if (h->flags & SAMPLE_BROKEN)
		frame_list_push(native->frames,
				frame_mark(n->model, "[incomplete]", FRAME_INCOMPLETE));
	if (h->flags & SAMPLE_ON_TRACE)
		leaf = 1;
	sure = push_stack(&b, leaf);
	if (leaf)
		out->quality = push_trace(&b, t);
	else
		out->quality = sure && !b.gone && !b.all_flags ? QUALITY_EXACT : QUALITY_FUNCTION;
	if (!b.any)
		out->quality = QUALITY_UNKNOWN;
}
