/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Which Lua thread runs on the sampled one. Part of walker.bpf.c, whose scratch memory it works in.
 */
#ifndef ACUPOINT_FIND_LUA_H
#define ACUPOINT_FIND_LUA_H

static __always_inline int thread_has_cframe(struct scratch *s, __u64 lua_state, __u64 cframe)
{
	return lua_state && !lua_read_head(&s->lua, lua_state, s->walk.gc32) &&
	       s->lua.gct == WALK_THREAD && CFRAME_ADDRESS(s->lua.cframe) == cframe;
}

/*
 * The VM whose thread this is becomes the sample's. One that nobody told us of, such as a VM made
 * for a single request, runs the same machine code as the first one: then it is the same build,
 * with the same offsets.
 */
static __always_inline void take_vm(struct scratch *s, struct sampled_process *p, __u64 lua_state)
{
	__u32 i;

	s->head.lua_state = s->last_thread = lua_state;
	s->head.global = s->lua.global;
	s->head.cframe = CFRAME_ADDRESS(s->lua.cframe);
	/* Read before the walk, which goes on to the heads of other threads. */
	s->head.request = p->vm[0].exdata ? s->lua.exdata : 0;
	if (p->fleeting)
		s->head.flags |= SAMPLE_PLACED;
	for (i = 0; i < SAMPLE_VMS; i++) {
		if (i >= p->vms)
			break;
		if (p->vm[i].global != s->lua.global)
			continue;
		s->vm = p->vm[i];
		return;
	}
	s->head.flags |= SAMPLE_NEW_VM | SAMPLE_PLACED;
	s->vm = p->vm[0];
	s->vm.global = s->lua.global;
}

/* Is there a C frame of the interpreter, and a thread that has it? Sets `found`. */
__noinline int is_cframe(__u64 cframe)
{
	struct scratch *s = scratch();
	__u64 lua_state;

	if (!s || walk_cframe_state(&s->walk, &lua_state, cframe) ||
	    !thread_has_cframe(s, lua_state, cframe))
		return 0;
	s->found = lua_state;
	return 1;
}

/* One chunk of the thread's stack: is there a call of C by the interpreter in it? Sets `found`. */
__noinline int scan_chunk(__u32 chunk)
{
	struct scratch *s = scratch();
	__u64 at;
	int i;

	if (!s)
		return -1;
	at = s->head.sp + (__u64)chunk * (SCAN_WORDS - 1) * 8;
	if (WALK_READ(s->chunk, sizeof(s->chunk), at))
		return -1;
	for (i = 1; i < SCAN_WORDS; i++) {
		if (RETURN_ADDRESS(s->chunk[i], WALK_ADDRESS_MASK) - s->vm.code_start >=
		    s->vm.code_end - s->vm.code_start)
			continue;
		if (is_cframe(CFRAME_OF_CALL(at + i * 8, s->chunk, i, s->walk.old_cframe)))
			return 1;
	}
	return 0;
}

/* cur_L may lie while C code runs that came back from another coroutine: look at the stack itself.
 */
static __always_inline int scan_stack(struct scratch *s, struct sampled_process *p)
{
	int i, found;

	s->vm = p->vm[0];
	for (i = 0; i < SCAN_CHUNKS; i++) {
		found = scan_chunk(i);
		if (found < 0)
			return 0;
		if (!found)
			continue;
		s->head.flags |= SAMPLE_SCANNED;
		return 1;
	}
	return 0;
}

/* Reads a part of global_State, of which vm_state is the first that is wanted in all builds. */
static __always_inline int read_global(struct scratch *s, const struct sampled_vm *vm)
{
	s->global_of = 0;
	if (WALK_READ(s->global, sizeof(s->global), vm->global + vm->vm_state))
		return -1;
	s->global_of = vm->global;
	return 0;
}

/* The reference at an offset in global_State, which was read. */
static __always_inline __u64 of_global(const struct scratch *s, const struct sampled_vm *vm,
				       __u32 offset)
{
	__u32 at = (offset - vm->vm_state) / 4;
	__u64 reference = 0;

	if (at > GLOBAL_PART - 2) {
		lua_read_reference(&reference, vm->global + offset, vm->gc32);
		return reference;
	}
	reference = (__u64)s->global[(at + 1) & (GLOBAL_PART - 1)] << 32;
	return lua_reference(reference | s->global[at & (GLOBAL_PART - 1)], vm->gc32);
}

/* The VM's first and last instructions for a call from C: the thread has no C frame yet, or no
 * longer. */
static __always_inline int is_entered_or_left(struct scratch *s, struct sampled_process *p,
					      __u64 lua_state)
{
	return lua_state && !lua_read_head(&s->lua, lua_state, s->walk.gc32) &&
	       s->lua.gct == WALK_THREAD && !s->lua.cframe && s->lua.global == p->vm[0].global;
}

static __always_inline int is_in_vm(struct scratch *s, struct sampled_process *p)
{
	__u32 i;

	for (i = 0; i < SAMPLE_VMS; i++) {
		if (i >= p->vms)
			break;
		if (s->head.ip - p->vm[i].code_start < p->vm[i].code_end - p->vm[i].code_start)
			return 1;
	}
	return 0;
}

/*
 * Where the interpreter has called a part of itself, what stands in the place of the lua_State is
 * no address, and to read there faults, which takes long: the thread of the last sample is looked
 * for beside it. `chunk` has the words.
 */
static __always_inline __u64 known_thread(struct scratch *s)
{
#if CFRAME_SLACK
	__u32 i = s->chunk[1] == s->last_thread ? 1 : 2;

	if (s->chunk[i] == s->last_thread && s->chunk[0] != s->last_thread &&
	    thread_has_cframe(s, s->last_thread, s->head.sp + i * 8)) {
		s->by_frame = 1;
		return s->last_thread;
	}
#else
	(void)s;
#endif
	return 0;
}

/*
 * Which lua_State runs on this thread? 0: none. Else `lua` is its head. Not inlined: together with
 * the caller's, its stack would be more than the rest of the program leaves.
 */
static __attribute__((noinline)) __u64 find_lua_state(struct scratch *s, struct sampled_process *p)
{
	__u64 *words = s->chunk, at = s->head.sp, lua_state;
	int gc32 = s->walk.gc32;
	__u32 i;

	if (is_in_vm(s, p)) {
		s->head.flags |= SAMPLE_IN_VM;
		at = CFRAME_PART(at, s->walk.old_cframe) + LUA_CFRAME_L(gc32);
		if (!WALK_READ_STACK(words, 1 + CFRAME_SLACK, at)) {
			for (i = 0; i < 1 + CFRAME_SLACK; i++)
				words[i] = lua_reference(words[i], gc32);
			lua_state = known_thread(s);
			if (lua_state)
				return lua_state;
			for (i = 0; i < 1 + CFRAME_SLACK; i++) {
				if (!thread_has_cframe(s, words[i], s->head.sp + i * 8))
					continue;
				s->by_frame = 1;
				return words[i];
			}
			if (is_entered_or_left(s, p, words[0]))
				return words[0];
		}
	}
	for (i = 0; i < SAMPLE_VMS; i++) {
		if (i >= p->vms)
			break;
		if (read_global(s, &p->vm[i]) ||
		    !(words[0] = of_global(s, &p->vm[i], p->vm[i].cur_l)) ||
		    lua_read_head(&s->lua, words[0], gc32) || s->lua.gct != WALK_THREAD)
			continue;
		at = CFRAME_ADDRESS(s->lua.cframe);
		if (at >= s->head.sp && at - s->head.sp <= STACK_REACH &&
		    !walk_cframe_state(&s->walk, &words[1], at) && words[1] == words[0])
			return words[0];
	}
	return 0;
}

/*
 * cur_L knew nothing. The native frames tell by what they passed: if they are whole and passed no
 * interpreter then none runs; else the stack is searched. 1: `found` is the Lua thread, `lua` its
 * head.
 */
__noinline int find_hidden_lua_state(__u32 pid)
{
	struct sampled_process *p = bpf_map_lookup_elem(&processes, &pid);
	struct unwind_scratch *u = unwind_scratch();
	struct scratch *s = scratch();
	__u64 lua_state;

	if (!s || !u || !p || !p->vms)
		return 0;
	if (u->walk.first_cframe &&
	    !walk_cframe_state(&s->walk, &lua_state, u->walk.first_cframe) &&
	    thread_has_cframe(s, lua_state, u->walk.first_cframe)) {
		s->head.flags |= SAMPLE_SCANNED;
		s->found = lua_state;
		return 1;
	}
	if (s->head.native_state == UNWIND_COMPLETE && !u->walk.first_cframe)
		return 0;
	return scan_stack(s, p);
}

#endif
