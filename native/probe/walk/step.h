/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * One step from a native frame to its caller. The same code runs in BPF and in user space: the
 * includer defines WALK_READ(dst, size, address), which is 0 when all of it was read. Nothing that
 * is read is trusted: addresses are only ever read from, and the stack pointer must grow with each
 * step.
 */
#ifndef ACUPOINT_UNWIND_STEP_H
#define ACUPOINT_UNWIND_STEP_H

#include "walk/arch.h"
#include "walk/objects.h"
#include "walk/rule.h"
#include "walk/state.h"

#if defined(__TARGET_ARCH_x86)
#define UNWIND_LEAF_REGISTERS 16
/* struct ucontext at the stack pointer of the return trampoline: uc_mcontext's registers. */
#define UNWIND_SIGNAL_FP 120
#define UNWIND_SIGNAL_SP 160
#define UNWIND_SIGNAL_IP 168
#else
#define UNWIND_LEAF_REGISTERS 1
/* siginfo, then struct ucontext, whose registers begin at 184 after its signal mask. */
#define UNWIND_SIGNAL_FP (312 + 29 * 8)
#define UNWIND_SIGNAL_LR (312 + 30 * 8)
#define UNWIND_SIGNAL_SP (312 + 31 * 8)
#define UNWIND_SIGNAL_IP (312 + 32 * 8)
#endif

#ifndef WALK_ADDRESS_MASK
#define WALK_ADDRESS_MASK 0xffffffffffffULL
#endif

/* Code that few frames need stays out of the way of what all need: instruction caches are cold
 * here. */
#define UNWIND_RARE static __attribute__((noinline))

/*
 * Words of the stack that are read at a time, since a read costs far more than a word: most, a
 * power of 2, and those that are read where it is not known how far the stack goes.
 */
#define UNWIND_WINDOW 256
#define UNWIND_WINDOW_BLIND 64
/* Bytes: what is farther away is another stack. */
#define UNWIND_STACK_MOST (1 << 20)

/* The verifier of 5.10 wants the bound of a size in its own terms; whole words. */
#if defined(__bpf__)
#define BOUND_WINDOW(size) asm volatile("%0 &= 4088" : "+r"(size))
#else
#define BOUND_WINDOW(size) ((size) &= 4088)
#endif

struct unwind_walk {
	__u64 ip, sp, fp, lr;
	/* The C frame of the interpreter that comes next towards the root; 0: not known. */
	__u64 cframe;
	__u64 first_cframe;			/* the first that was passed; 0: none */
	__u64 code_start, code_end;		/* of the interpreter; equal where there is none */
	__u64 registers[UNWIND_LEAF_REGISTERS]; /* of the innermost frame, by DWARF number */
	__u32 space, owner;
	__u16 state;
	__u8 leaf;   /* the innermost frame: all registers are known */
	__u8 exact;  /* ip is where it is, not where it returns to */
	__u8 trace;  /* the innermost frame of Lua is compiled code or its exit */
	__u8 passed; /* frames, up to 2 */
	__u8 gc32;   /* of sampled_vm */
	__u8 old_cframe;
	__u64 trace_ip; /* where compiled code of the innermost Lua was met; 0: nowhere */
	/* The word that was asked for last, and what that was at the end of the walk before: where
	 * most stacks of a thread end. */
	__u64 reached, root;
	__u64 window_at, window_size; /* in bytes; 0: nothing was read yet */
	__u64 window[UNWIND_WINDOW];
};

/* The address that names the frame and has its rule: inside the call, not after it. */
static inline __u64 unwind_lookup_address(const struct unwind_walk *w)
{
	return w->ip - !w->exact;
}

static inline void unwind_goes_to(struct unwind_walk *w, __u64 ip, __u64 sp)
{
	w->ip = RETURN_ADDRESS(ip, WALK_ADDRESS_MASK);
	w->sp = sp;
	w->leaf = 0;
	if (w->passed < 2)
		w->passed++;
	w->exact = 0;
	w->state = UNWIND_GOES_ON;
	/* Some threads' outermost frames return to nowhere instead of saying that they are the
	 * last. */
	if (w->ip == 0)
		w->state = UNWIND_COMPLETE;
}

UNWIND_RARE int unwind_signal(struct unwind_walk *w)
{
	__u64 ip, sp, fp;

	w->state = UNWIND_UNREADABLE;
	if (WALK_READ(&ip, 8, w->sp + UNWIND_SIGNAL_IP) ||
	    WALK_READ(&sp, 8, w->sp + UNWIND_SIGNAL_SP) ||
	    WALK_READ(&fp, 8, w->sp + UNWIND_SIGNAL_FP))
		return -1;
	w->fp = fp;
#if defined(UNWIND_SIGNAL_LR)
	if (WALK_READ(&w->lr, 8, w->sp + UNWIND_SIGNAL_LR))
		return -1;
#endif
	/* A handler may run on a stack of its own: here the stack pointer may shrink. */
	unwind_goes_to(w, ip, sp);
	w->exact = 1;
	return 0;
}

/* The rules of few frames. As unwind_cfa(). */
UNWIND_RARE int unwind_rare_cfa(struct unwind_walk *w, __u32 rule, __u64 *cfa, __u64 *base)
{
	__u32 kind = unwind_rule_kind(rule), low = unwind_rule_low(rule);
	__s64 offset = unwind_rule_short_offset(rule);

	if (kind == UNWIND_PLT) {
		*cfa = w->sp + 8 + 8 * ((w->ip & 15) >= low);
		return 0;
	}
	/* Hand-written code calls parts of itself and relies on what they leave alone. */
	if (kind == UNWIND_LEAF_REGISTER && w->passed < 2 && low < UNWIND_LEAF_REGISTERS) {
		*base = w->registers[low & (UNWIND_LEAF_REGISTERS - 1)];
		*cfa = *base + offset;
		return 0;
	}
	if (kind == UNWIND_SP_DEREF || kind == UNWIND_FP_DEREF) {
		if (kind == UNWIND_FP_DEREF)
			*base = w->fp;
		w->state = UNWIND_UNREADABLE;
		if (WALK_READ(cfa, 8, *base + offset))
			return -1;
		*cfa += 8 * low;
		return 0;
	}
	w->state = kind == UNWIND_END		    ? UNWIND_COMPLETE
		   : kind == UNWIND_NONE	    ? UNWIND_NO_RULE
		   : kind == UNWIND_ANSWER_UNMAPPED ? UNWIND_UNMAPPED
		   : kind == UNWIND_ANSWER_WANTED   ? UNWIND_WANTED
		   : kind == UNWIND_ANSWER_FOREIGN  ? UNWIND_FOREIGN
						    : UNWIND_ODD_RULE;
	return -1;
}

/* 0 with the caller's stack pointer and the register that it is counted from. */
static inline int unwind_cfa(struct unwind_walk *w, __u32 rule, __u64 *cfa, __u64 *base)
{
	*base = w->sp;
	if (unwind_rule_kind(rule) > UNWIND_FP || unwind_rule_kind(rule) == UNWIND_NONE)
		return unwind_rare_cfa(w, rule, cfa, base);
	if (unwind_rule_kind(rule) == UNWIND_FP)
		*base = w->fp;
	*cfa = *base + unwind_rule_offset(rule);
	return 0;
}

/* Moves the window to `at`. 0 with its first word. */
UNWIND_RARE int unwind_move_window(struct unwind_walk *w, __u64 at, __u64 *out)
{
	__u64 size = w->root - at + 8;

	if (size > UNWIND_STACK_MOST)
		size = UNWIND_WINDOW_BLIND * 8;
	else if (size > UNWIND_WINDOW * 8)
		size = UNWIND_WINDOW * 8;
	BOUND_WINDOW(size);
	w->window_at = at;
	w->window_size = size;
	if (WALK_READ(w->window, size, at)) {
		/* The end of the stack's memory is near. */
		w->window_size = 0;
		return WALK_READ(out, 8, at);
	}
	*out = w->window[0];
	return 0;
}

/* Before the first step: what is next to the stack pointer is wanted in any case. */
static inline void unwind_prime_window(struct unwind_walk *w)
{
	__u64 first;

	w->root = w->reached;
	unwind_move_window(w, w->sp & ~7ULL, &first);
}

/* One word of the stack, which the walk goes through upwards. 0 where it was read. */
static inline int unwind_word(struct unwind_walk *w, __u64 at, __u64 *out)
{
	__u64 offset = at - w->window_at;

	w->reached = at;
	if (offset >= w->window_size)
		return unwind_move_window(w, at, out);
	*out = w->window[(offset / 8) & (UNWIND_WINDOW - 1)];
	return 0;
}

static inline __u64 unwind_place(__u32 place, __u64 cfa, __u64 base)
{
	return place < UNWIND_PLACE_BASE ? cfa - 8 * (__u64)place
					 : base + 8 * (__u64)(place - UNWIND_PLACE_BASE);
}

/* Goes to the caller by `rule`. Below 0: `state` says why not. */
static inline int unwind_apply(struct unwind_walk *w, __u32 rule)
{
	__u32 fp = unwind_rule_fp(rule), ra = unwind_rule_ra(rule);
	__u64 cfa, base, words[2];

	if (unwind_rule_kind(rule) == UNWIND_SIGNAL)
		return unwind_signal(w);
	if (unwind_cfa(w, rule, &cfa, &base))
		return -1;
	/* A caller has lost what was in the link register. Without a frame pointer it was the last.
	 */
	w->state = w->fp ? UNWIND_NO_RULE : UNWIND_COMPLETE;
	if (!ra && !w->exact)
		return -1;
	w->state = UNWIND_ASTRAY;
	/* One that has not moved it has not been left by a call: only the interrupted can be so. */
	if (cfa < w->sp || (cfa == w->sp && !w->exact) || (cfa & 7))
		return -1;
	w->state = UNWIND_UNREADABLE;
	words[0] = w->fp;
	words[1] = w->lr;
	/* The frame pointer lies below the return address: it is read first, and both at once. */
	if (fp && fp != UNWIND_PLACE_UNKNOWN &&
	    unwind_word(w, unwind_place(fp, cfa, base), &words[0]))
		return -1;
	if (ra && unwind_word(w, unwind_place(ra, cfa, base), &words[1]))
		return -1;
	w->fp = words[0];
	w->lr = words[1];
	unwind_goes_to(w, words[1], cfa);
	return 0;
}

static inline int unwind_in_vm(const struct unwind_walk *w)
{
	return w->ip - w->code_start < w->code_end - w->code_start;
}

/* 0 with the C frame of a lua_State. */
static inline int unwind_cframe_of(const struct unwind_walk *w, __u64 lua_state, __u64 *cframe)
{
	__u8 type;

	if (!lua_is_object(lua_state) || WALK_READ(&type, 1, lua_state + LUA_STATE_TYPE(w->gc32)) ||
	    type != WALK_THREAD || WALK_READ(cframe, 8, lua_state + LUA_STATE_CFRAME(w->gc32)))
		return -1;
	*cframe = CFRAME_ADDRESS(*cframe);
	return 0;
}

/*
 * Is `sp` the C frame of an interpreter? It holds its lua_State, which knows its C frame; while
 * that of the innermost call is being made or left, the lua_State knows the one below still or
 * again.
 */
UNWIND_RARE int unwind_is_cframe(const struct unwind_walk *w, __u64 sp)
{
	__u64 lua_state, cframe;

	if (lua_read_reference(&lua_state, CFRAME_PART(sp, w->old_cframe) + LUA_CFRAME_L(w->gc32),
			       w->gc32) ||
	    unwind_cframe_of(w, lua_state, &cframe))
		return 0;
	return cframe == sp || (w->leaf && sp == w->sp && cframe == w->cframe);
}

/*
 * The C frame of the Lua that `w` stands in; 0: not found. The interpreter never moves its stack
 * pointer, but for helpers that are called; compiled code does, and leads to the C frame that is
 * next.
 */
static inline __u64 unwind_find_cframe(const struct unwind_walk *w, int vm)
{
	__u64 hint = w->cframe;
#if defined(__TARGET_ARCH_x86)
	int i;

	if (vm) {
		for (i = 0; i <= CFRAME_SLACK; i++) {
			if (unwind_is_cframe(w, w->sp + 8 * i))
				return w->sp + 8 * i;
		}
		/*
		 * Elsewhere only the exit from a trace moves the stack pointer; but while a call is
		 * being made or left it is neither here nor there, and callers would be lost.
		 */
		if (w->leaf && !w->trace)
			return 0;
	}
#else
	__u64 at = w->fp - CFRAME_RECORD(0, w->old_cframe);

	/* The frame pointer is kept in both. */
	(void)vm;
	if (at != hint && unwind_is_cframe(w, at))
		return at;
#endif
	return hint > w->sp && hint - w->sp < (1 << 16) ? hint : 0;
}

/*
 * The interpreter's first and last instructions for a call from C, where its C frame is not whole:
 * what they still push or pop tells where the return address is.
 */
UNWIND_RARE int unwind_vm_edge(struct unwind_walk *w)
{
#if defined(__TARGET_ARCH_x86)
	__u64 code, at, cframe, fp = w->fp, words = 0;
	__u32 pushes = 0, pops = 0;
	int i;

	if (WALK_READ(&code, 8, w->ip))
		return -1;
	for (i = 0; i < CFRAME_PUSHED; i++) {
		if ((code & 0xff) == 0x41)
			code >>= 8;
		if ((code & 0xf8) == 0x50)
			pushes++;
		else if ((code & 0xf8) == 0x58)
			pops++;
		else
			break;
		code >>= 8;
	}
	if (!pushes && (code & 0xff) == 0xc3) /* ret */
		words = pops;
	else if (!pops && (code & (pushes ? 0xffff : 0xffffff)) == (pushes ? 0x8348 : 0xec8348))
		words = CFRAME_PUSHED - pushes; /* sub from rsp */
	else if (!unwind_cframe_of(w, w->registers[5], &cframe) && cframe == w->cframe)
		words = CFRAME_RECORD(8, 0) /
			8; /* its argument has not been written to the frame */
	else
		return -1;
	at = w->sp + 8 * words;
	if ((words && WALK_READ(&fp, 8, at - 8)) || WALK_READ(&code, 8, at))
		return -1;
	w->fp = fp;
	unwind_goes_to(w, code, at + 8);
	return 0;
#else
	__u64 record[2] = {w->fp, w->lr}, cfa = w->sp + CFRAME_SIZE;
	__u32 code;

	if (WALK_READ(&code, 4, w->ip))
		return -1;
	switch (code) {
	case 0xd10343ff: /* sub sp, sp, #208 */
	case 0xa9b37bfd: /* stp x29, x30, [sp, #-208]! */
	case 0xd65f03c0: /* ret */
		cfa = w->sp;
		break;
	case 0xa90c7bfd: /* stp x29, x30, [sp, #192] */
	case 0x910303fd: /* add x29, sp, #192 */
	case 0x910003fd: /* mov x29, sp */
	case 0x910343ff: /* add sp, sp, #208 */
		break;
	default:
		if (w->fp != CFRAME_RECORD(w->sp, w->old_cframe) || unwind_is_cframe(w, w->sp) ||
		    WALK_READ(record, 16, w->fp))
			return -1;
	}
	w->fp = record[0];
	w->lr = record[1];
	unwind_goes_to(w, record[1], cfa);
	return 0;
#endif
}

/* Passes a segment of Lua. `mark` is what stands for it among the frames. */
UNWIND_RARE int unwind_lua(struct unwind_walk *w, int vm, __u64 *mark)
{
	__u64 cframe = w->cframe, record[2], previous;

	/* Compiled code calls helpers of the interpreter, which push nothing here. */
	if (!JIT_CALL_ON_STACK && vm && w->leaf && w->trace)
		w->trace_ip = RETURN_ADDRESS(w->lr, WALK_ADDRESS_MASK) - 1;
	/* Words pushed for the caller may look like a C frame: the code is asked before. */
	if (!vm || cframe - w->sp > 8 * CFRAME_SLACK) {
		if (vm && w->leaf && !w->trace && !unwind_vm_edge(w))
			return 0;
		cframe = unwind_find_cframe(w, vm);
	}
	w->state = UNWIND_LUA_LOST;
	if (!cframe)
		return -1;
	w->state = UNWIND_UNREADABLE;
	if (unwind_word(w, CFRAME_PART(cframe, w->old_cframe) + CFRAME_PREV, &previous) ||
	    unwind_word(w, CFRAME_RECORD(cframe, w->old_cframe), &record[0]) ||
	    unwind_word(w, CFRAME_RECORD(cframe, w->old_cframe) + 8, &record[1]))
		return -1;
	*mark = UNWIND_MARK | cframe;
	if (!w->first_cframe)
		w->first_cframe = cframe;
	w->fp = record[0];
	w->lr = record[1];
	unwind_goes_to(w, record[1], cframe + CFRAME_SIZE);
	previous = CFRAME_ADDRESS(previous);
	/* A coroutine's first C frame: that of who resumed it is next to it, or not known. */
	if (!previous && unwind_in_vm(w))
		previous = w->sp;
	w->cframe = previous;
	return 0;
}

/* One frame towards the root. Below 0: it was the last. */
static inline int unwind_step(struct unwind_walk *w, __u64 *frame)
{
	int in_vm = unwind_in_vm(w);
	__u32 rule;

	*frame = unwind_lookup_address(w);
	if (in_vm)
		return unwind_lua(w, 1, frame);
	rule = UNWIND_RULE(w, *frame);
	if (rule == UNWIND_ANSWER_LUAJIT) {
		if (!w->first_cframe && !w->trace_ip)
			w->trace_ip = *frame;
		return unwind_lua(w, 0, frame);
	}
	return unwind_apply(w, rule);
}

#endif
