/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The innermost Lua frame and its position. Part of walker.bpf.c, whose scratch memory it works in.
 */
#ifndef ACUPOINT_LEAF_H
#define ACUPOINT_LEAF_H

static __always_inline int in_stack(struct scratch *s, __u64 base)
{
	return !(base & 7) && base > s->lua.stack + LUA_STACK_HEAD(s->walk.gc32) &&
	       base <= s->lua.stack + 8 * (__u64)s->lua.size;
}

/* 0 with the function and the link of the frame at `base` in `slots`. */
static __always_inline int read_frame(struct scratch *s, __u64 base)
{
	return lua_read_slots(s->slots, base, s->walk.gc32);
}

static __always_inline int is_base(struct scratch *s, __u64 base)
{
	__u64 function;
	__u8 type;

	if (!in_stack(s, base))
		return 0;
	if (!IS_GC32(s->walk.gc32))
		return !walk_read_slot(&s->cache, base - 16, &function) &&
		       LUA_IS_FUNCTION(function);
	if (read_frame(s, base))
		return 0;
	/* The link took the place of the type: the function itself is asked. */
	return !WALK_READ(&type, 1, s->slots[0] + 5) && type == WALK_FUNCTION;
}

/* Is `pc` in the bytecode of the Lua function at `base`? -1: no Lua function. */
__noinline int pc_in_function(__u64 base, __u64 pc, __u32 gc32)
{
	struct scratch *s = scratch();
	struct walk_proto proto;
	struct lua_function f;
	__u64 slots[2];

	KEEP(gc32);
	if (!s || (IS_GC32(gc32) ? lua_read_slots(slots, base, gc32)
				 : walk_read_slot(&s->cache, base - 16, &slots[0])))
		return -1;
	slots[0] = LUA_POINTER(slots[0]);
	if (walk_was_in(walk_position_of(&s->cache, pc), &s->cache, pc, slots[0]))
		return 1;
	if (lua_read_function(&f, slots[0], gc32) || f.gct != WALK_FUNCTION || f.ffid ||
	    walk_read_proto(&s->cache, f.pc - LUA_PROTO_SIZE(gc32), gc32, &proto))
		return -1;
	if (pc - f.pc > (__u64)proto.size * 4)
		return 0;
	walk_keep_function(&s->cache, pc, slots[0], &proto);
	return 1;
}

/* The base of the function whose call instruction is behind `pc`, where `base` is its callee's; or
 * 0. */
static __always_inline __u64 caller_base(struct scratch *s, __u64 base, __u64 pc)
{
	__u64 bytes;

	if (walk_read_call(&s->cache, pc, s->walk.gc32, &bytes))
		return 0;
	base -= bytes;
	return is_base(s, base) && pc_in_function(base, pc, s->walk.gc32) > 0 ? base : 0;
}

/* Is `base` the one of the callee already? Of pcall alone the VM's memory does not know the base.
 */
static __always_inline int begins(struct scratch *s, __u64 base, __u64 distance)
{
	if (!LINK_TYPE(s->regs_pc))
		return 0;
	base -= distance;
	return base == s->lua.base ||
	       ((s->regs_pc & LINK_PCALL) == LINK_PCALL && is_base(s, base) &&
		pc_in_function(base, 0, s->walk.gc32) < 0);
}

/*
 * While a function that C or a metamethod called is entered or left, the register of the position
 * holds what its link does: how far it is above the frame that called it.
 */
static __always_inline void cross_boundary(struct scratch *s, __u64 base, __u64 *pc)
{
	__u64 distance = LINK_BYTES(s->regs_pc), function;
	__u32 gc32 = s->walk.gc32;

	if (read_frame(s, base))
		return;
	function = LUA_POINTER(s->slots[0]);
	if ((s->slots[1] ^ s->regs_pc) < LINK_TYPES) {
		s->first_flags = SAMPLE_FRAME_RETURNS;
	} else if (!(s->regs_pc & (LINK_PROTECTED | LINK_C)) && in_stack(s, base + distance) &&
		   !lua_read_continuation(s->slots, base + distance, gc32) &&
		   pc_in_function(base, s->slots[1], gc32) > 0) {
		/* The base is the caller's, whose position is below the metamethod's frame. */
		*pc = s->slots[1];
		s->head.flags |= SAMPLE_LEAF_SURE;
	} else {
		if (!begins(s, base, distance)) {
			s->first_outside = LINK_KIND(s->regs_pc) == LINK_C;
			return;
		}
		/* It begins: its link is not written yet. */
		s->first_link = s->regs_pc;
		if (pc_in_function(base, 0, gc32) >= 0 &&
		    lua_read_reference(pc, function + LUA_FUNCTION_PC(gc32), gc32))
			*pc = 0;
	}
}

/* A built-in that Lua calls, whose link is not written yet? */
static __always_inline void enter_builtin(struct scratch *s, __u64 base)
{
	if (!read_frame(s, base) && s->slots[1] != s->regs_pc && caller_base(s, base, s->regs_pc))
		s->first_link = s->regs_pc;
}

/* Most often so: the registers are of a Lua function that was seen at its position before. */
static __always_inline int is_known_leaf(struct scratch *s)
{
	__u64 slots[2];

	if (!in_stack(s, s->regs_base))
		return 0;
	/* The frame below it is wanted next, by the walk too. */
	s->walk.frame = s->regs_base - 8;
	if (walk_read_frame(&s->walk, &s->cache, slots) || IS_GC32(s->walk.gc32))
		return 0;
	return LUA_IS_FUNCTION(slots[0]) && s->regs_pc >> 3 >= s->lua.size &&
	       walk_was_in(walk_position_of(&s->cache, s->regs_pc), &s->cache, s->regs_pc,
			   LUA_POINTER(slots[0]));
}

/* The leaf is in the interpreter's own code: its registers know more than the VM's memory. */
static __attribute__((noinline)) __u64 interpreter_base(struct scratch *s, __u64 *pc)
{
	__u64 base = s->regs_base, caller = 0;
	int inside = 0;

	*pc = 0;
	if (is_base(s, base)) {
		if (s->regs_pc >> 3 && s->regs_pc >> 3 < s->lua.size) {
			cross_boundary(s, base, pc);
			return base;
		}
		inside = pc_in_function(base, s->regs_pc, s->walk.gc32);
		if (inside < 0) {
			enter_builtin(s, base);
			return base;
		}
		/* If it is not inside, a call or a return is in flight: the position is the
		 * caller's. */
		if (!inside)
			caller = caller_base(s, base, s->regs_pc);
	} else {
		base = s->lua.base;
		if (in_stack(s, s->regs_base)) {
			/* A function that returns puts its first result where it was, and pcall
			 * that caught an error its second where its link was: the register holds
			 * that.
			 */
			caller = caller_base(s, s->regs_base, s->regs_pc);
		} else {
			/* C has just returned: the base is not loaded again yet; the position
			 * outlives calls. */
			inside = pc_in_function(base, s->regs_pc, s->walk.gc32);
		}
	}
	if (inside <= 0 && !caller)
		return base;
	*pc = s->regs_pc;
	s->head.flags |= SAMPLE_LEAF_SURE;
	return caller ? caller : base;
}

/* The VM says that C runs already, and what it returns to C from is still its innermost frame. */
static __always_inline int returns_to_c(struct scratch *s)
{
	__u64 link, base = s->lua.base;

	if (read_frame(s, base))
		return 0;
	link = s->slots[1];
	return LINK_KIND(link) == LINK_C &&
	       (s->regs_pc == LINK_BYTES(link) || s->regs_pc == base - LINK_BYTES(link));
}

/* Is the VM at `pc` of the function at `base`, or in a built-in that was called from there? */
static __always_inline int is_position(struct scratch *s, __u64 base, __u64 pc)
{
	__u64 start;
	int inside;

	if (!is_base(s, base))
		return 0;
	inside = pc_in_function(base, pc, 0);
	if (inside >= 0)
		return inside;
	/* The position may be that of its header. */
	return !read_frame(s, base) &&
	       (s->slots[1] == pc ||
		(!WALK_READ(&start, 8, LUA_POINTER(s->slots[0]) + LUA_FUNCTION_PC(0)) &&
		 pc - start <= 4));
}

/* The VM's registers as they were when it called the C function that runs. 0: not found. */
__noinline int find_saved_registers(__u32 unused)
{
	struct scratch *s = scratch();
	__u64 at, record, base = 0, pc = 0;
	int i;

	KEEP(unused);
	if (!s)
		return 0;
	if (is_position(s, s->regs_base, s->regs_pc))
		return 1;
	record = CFRAME_RECORD(s->head.cframe, s->walk.old_cframe);
	at = s->head.cframe - (SCAN_WORDS - SAVED_PC) * 8;
	if (WALK_READ(s->chunk, sizeof(s->chunk), at))
		return 0;
	/* The last one is of the function that the VM called. */
	for (i = 0; i < SCAN_WORDS - SAVED_PC; i++) {
		if (s->chunk[i] != record || at + i * 8 < s->head.sp)
			continue;
		base = s->chunk[i + SAVED_BASE];
		pc = s->chunk[i + SAVED_PC];
	}
	if (is_position(s, base, s->regs_pc))
		pc = s->regs_pc;
	else if (!is_position(s, base, pc))
		return 0;
	s->regs_base = base;
	s->regs_pc = pc;
	return 1;
}

/* The same where C's frame is the innermost already: the one that returns has no place any more. */
static __always_inline int has_returned_to_c(struct scratch *s)
{
	__u64 base = s->lua.base;

	return s->regs_pc < LINK_TYPES || s->regs_pc == base ||
	       LINK_BYTES(s->regs_pc) == s->regs_base - base;
}

/* Where the walk begins: from what the VM's memory and, in its own code, the registers say. */
__noinline int begin_walk(__u32 unused)
{
	struct scratch *s = scratch();
	struct walk_paths *paths = walk_paths();
	__u64 base, pc = 0;
	struct sample *h;
	int on_c = 0, gc32;

	KEEP(unused);
	if (!s || !paths)
		return 0;
	walk_begin_path(paths, s->cache.now);
	h = &s->head;
	gc32 = s->walk.gc32;
	s->regs_base = lua_reference(s->regs_base, gc32);
	s->regs_pc = lua_reference(s->regs_pc, gc32);
	base = s->lua.base;
	s->first_link = 0;
	s->first_flags = 0;
	s->first_outside = 0;
	s->cache.window_start = 0;

	if (s->global_of == s->vm.global || !read_global(s, &s->vm)) {
		h->vm_state = (__s32)s->global[0];
		h->jit_base = of_global(s, &s->vm, s->vm.jit_base);
	}
	if (s->by_frame && h->vm_state != LUA_STATE_C) {
		base = s->regs_base;
		pc = s->regs_pc;
		if (is_known_leaf(s))
			h->flags |= SAMPLE_LEAF_SURE;
		else
			base = interpreter_base(s, &pc);
	} else if (h->jit_base && h->vm_state >= LUA_STATE_GC && h->vm_state != LUA_STATE_C) {
		/* The state is still the interpreter's at the start of a trace, and says GC if that
		 * runs. */
		base = h->jit_base;
		h->flags |= SAMPLE_ON_TRACE;
	} else if (BASE_SURVIVES_CALLS && h->vm_state == LUA_STATE_INTERPRETER &&
		   find_saved_registers(0)) {
		is_known_leaf(s);
		base = interpreter_base(s, &pc);
	} else {
		on_c = 1;
		if (WALK_READ_STACK(&pc, 1, CFRAME_PART(h->cframe, s->walk.old_cframe) + CFRAME_PC))
			pc = 0;
		pc = lua_saved_pc(pc, gc32);
		if (pc == h->lua_state)
			pc = 0;
		if (pc)
			h->flags |= SAMPLE_LEAF_SURE;
		else if (s->by_frame && returns_to_c(s))
			s->first_flags = SAMPLE_FRAME_RETURNS;
		else if (s->by_frame && has_returned_to_c(s))
			s->first_outside = 1;
	}
	walk_begin(&s->walk, h->lua_state, &s->lua, base, pc, h->cframe);
	s->walk.link = s->first_link;
	s->walk.flags = s->first_flags;
	s->walk.joins = 0;
	s->walk.depth = 0;
	if (s->first_outside)
		walk_pop_cframe(&s->walk);
	else if (on_c)
		walk_settle(&s->walk);
	return 0;
}

#endif
