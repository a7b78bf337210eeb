/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The innermost Lua frame and its position. Part of walker.bpf.c, whose scratch memory it works in.
 */
#ifndef ACUPOINT_LEAF_H
#define ACUPOINT_LEAF_H

static __always_inline int in_stack(struct scratch *s, __u64 base)
{
	return !(base & 7) && base > s->lua.stack + 8 &&
	       base <= s->lua.stack + 8 * (__u64)s->lua.size;
}

static __always_inline int is_base(struct scratch *s, __u64 base)
{
	__u64 function;

	return in_stack(s, base) && !WALK_READ(&function, 8, base - 16) &&
	       LUA_IS_FUNCTION(function);
}

/* Is `pc` in the bytecode of the Lua function at `base`? -1: no Lua function. */
static __always_inline int pc_in_function(__u64 base, __u64 pc)
{
	struct lua_function f;
	__u64 function;
	__u32 size;

	if (WALK_READ(&function, 8, base - 16) ||
	    WALK_READ(&f, sizeof(f), LUA_POINTER(function) + 8) || f.gct != WALK_FUNCTION ||
	    f.ffid || WALK_READ(&size, 4, f.pc - LUA_PROTO_SIZE + 0xc))
		return -1;
	return pc - f.pc <= (__u64)size * 4;
}

/* The base of the function whose call instruction is behind `pc`, where `base` is its callee's; or
 * 0. */
static __always_inline __u64 caller_base(struct scratch *s, __u64 base, __u64 pc)
{
	__u32 instruction;

	if (WALK_READ(&instruction, 4, pc - 4))
		return 0;
	base -= 16 + 8 * (__u64)((instruction >> 8) & 0xff);
	return is_base(s, base) && pc_in_function(base, pc) > 0 ? base : 0;
}

/* The leaf is in the interpreter's own code: its registers know more than the VM's memory. */
static __always_inline __u64 interpreter_base(struct scratch *s, __u64 *pc)
{
	__u64 base = s->regs_base, caller = 0, link;
	int inside = 0;

	*pc = 0;
	if (is_base(s, base)) {
		inside = pc_in_function(base, s->regs_pc);
		if (inside < 0)
			return base;
		/* If it is not inside, a call or a return is in flight: the position is the
		 * caller's. */
		if (!inside)
			caller = caller_base(s, base, s->regs_pc);
	} else {
		/* A built-in that returns puts its result where its function was; its link is still
		 * there. */
		if (!in_stack(s, base) || WALK_READ(&link, 8, base - 8) || link != s->regs_pc)
			return s->lua.base;
		base = s->lua.base;
		caller = caller_base(s, s->regs_base, link);
	}
	if (!inside && !caller)
		return base;
	*pc = s->regs_pc;
	s->head.flags |= SAMPLE_LEAF_SURE;
	return caller ? caller : base;
}

/* Where the walk begins: from what the VM's memory and, in its own code, the registers say. */
__noinline int begin_walk(__u32 unused)
{
	struct scratch *s = scratch();
	__u64 base, pc = 0;
	struct sample *h;
	int on_c = 0;

	KEEP(unused);
	if (!s)
		return 0;
	h = &s->head;
	base = s->lua.base;

	WALK_READ(&h->vm_state, 4, s->vm.global + s->vm.vm_state);
	WALK_READ(&h->jit_base, 8, s->vm.global + s->vm.jit_base);
	if (s->by_frame && h->vm_state != LUA_STATE_C) {
		base = interpreter_base(s, &pc);
	} else if (h->jit_base && h->vm_state >= LUA_STATE_GC && h->vm_state != LUA_STATE_C) {
		/* The state is still the interpreter's at the start of a trace, and says GC if that
		 * runs. */
		base = h->jit_base;
		h->flags |= SAMPLE_ON_TRACE;
	} else {
		on_c = 1;
		if (WALK_READ(&pc, 8, h->cframe + CFRAME_PC) || pc == h->lua_state)
			pc = 0;
		if (pc)
			h->flags |= SAMPLE_LEAF_SURE;
	}
	walk_begin(&s->walk, h->lua_state, &s->lua, base, pc, h->cframe);
	s->walk.joins = 0;
	s->walk.depth = 0;
	if (on_c)
		walk_settle(&s->walk);
	s->cache.window_start = 0;
	return 0;
}

#endif
