/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/parked_walk.h"

#include <string.h>

#include "luajit/object.h"

/* Frames that are passed on the way to a root; a stack has no room for more. */
enum { DEEPEST = 1 << 16 };

static struct walk_cache cache;
/* Whose stack is walked: its window is at hand. */
static const struct parked *walked;

int parked_bytes(void *out, uint32_t size, uint64_t address)
{
	uint64_t at = walked ? address - walked->window_at : 0;

	if (walked && at < walked->window_size && size <= walked->window_size - at) {
		memcpy(out, walked->window + at, size);
		return 0;
	}
	return target_pages_read(out, size, address) ? -1 : 0;
}

void parked_walk_begin(pid_t pid)
{
	target_pages_begin(pid);
	cache.now++;
	walked = NULL;
}

/* Of a deep stack the first SAMPLE_LEAF frames, and the last SAMPLE_ROOT in a ring. */
static void keep(struct parked_stack *s, const struct sample_frame *f, uint32_t n)
{
	if (n < SAMPLE_FRAMES)
		s->frames[s->head.frames++] = *f;
	else
		s->frames[SAMPLE_LEAF + (n - SAMPLE_LEAF) % SAMPLE_ROOT] = *f;
	s->head.walked = n + 1;
}

void parked_walk(const struct parked *p, const struct lua_vm *vm, struct parked_stack *out)
{
	struct sampled_vm described;
	struct lua_head head = p->head;
	struct sample_frame frame;
	struct walk w = {0};
	uint32_t n = 0;

	vm_describe(vm, &described);
	memset(&out->head, 0, sizeof(out->head));
	out->head.lua_state = p->thread;
	out->head.global = vm->global;
	out->head.vm_state = LUA_STATE_C;
	/* No native frames belong to it. */
	out->head.flags = SAMPLE_IN_VM;
	w.gc32 = described.gc32 != 0;
	w.old_cframe = described.old_cframe != 0;
	walked = p;
	cache.window_start = 0;
	walk_begin(&w, p->thread, &head, head.base, 0, 0);
	for (uint32_t steps = 0; steps < DEEPEST; steps++) {
		if (w.state == WALK_GOES_ON && walk_step(&w, &cache, &frame))
			keep(out, &frame, n++);
		if (w.state == WALK_BOTTOM && walk_join(&w, &frame, &head, &described))
			keep(out, &frame, n++);
		if (w.state != WALK_GOES_ON)
			break;
	}
	walked = NULL;
	if (n > SAMPLE_FRAMES)
		out->head.ring = (uint16_t)((n - SAMPLE_LEAF) % SAMPLE_ROOT);
	else
		out->head.walked = 0;
	if (w.state == WALK_GOES_ON)
		out->head.flags |= SAMPLE_TRUNCATED;
	else if (w.state == WALK_BROKEN)
		out->head.flags |= SAMPLE_BROKEN;
}

/* A coroutine of the same request that waits. */
static bool waits(uint64_t thread, const struct parked *p, const struct lua_vm *vm,
		  struct parked *out)
{
	return thread != p->thread && parked_read_one(out, vm, thread) &&
	       out->head.exdata == p->head.exdata;
}

/*
 * The innermost frame is of a C function. One of coroutine.wrap() has the coroutine as its only
 * upvalue.
 */
static bool wrapped_child(const struct parked *p, const struct lua_vm *vm, struct parked *out)
{
	enum { UPVALUE = 0x30, UPVALUE_32 = 0x20 };
	uint64_t upvalue;
	struct lua_function f;
	__u64 slots[2];

	if (lua_read_slots(slots, p->head.base, vm->layout.gc32) ||
	    lua_read_function(&f, LUA_POINTER(slots[0]), vm->layout.gc32) ||
	    f.gct != WALK_FUNCTION || f.ffid != 1 || f.upvalues != 1 ||
	    target_pages_read(&upvalue, 8,
			      LUA_POINTER(slots[0]) + (vm->layout.gc32 ? UPVALUE_32 : UPVALUE)))
		return false;
	upvalue = object_value(&vm->layout, upvalue);
	return VALUE_IS(upvalue, LUA_THREAD) && waits(VALUE_POINTER(upvalue), p, vm, out);
}

/*
 * ngx_lua's own list of a request's coroutines: an ngx_list_t of co-contexts {data, coroutine,
 * parent ...}, whose last word has the state of each.
 */
enum { CONTEXT_LIST = 0x20, LIST_PARTS = 64, CONTEXT_LEAST = 0x60, CONTEXT_MOST = 0x180 };
enum { STATE_SHIFT = 1, STATE_MASK = 7, STATE_RUNS = 0, STATE_NORMAL = 2 };

struct list_part {
	uint64_t elements, count, next;
};

static bool listed_child(const struct parked *p, const struct lua_vm *vm,
			 const struct list_part *part, uint64_t size, struct parked *out)
{
	uint64_t context[3], state;

	for (uint64_t i = 0; i < part->count && i < PARKED_MAX; i++) {
		if (target_pages_read(context, sizeof(context), part->elements + i * size) ||
		    context[2] != p->head.exdata2 || context[1] == p->thread ||
		    target_pages_read(&state, 8, part->elements + i * size + size - 8))
			continue;
		/* The last four bytes, of which the first three states have the lowest bits. */
		state = (state >> 32 >> STATE_SHIFT) & STATE_MASK;
		if ((state == STATE_RUNS || state == STATE_NORMAL) && waits(context[1], p, vm, out))
			return true;
	}
	return false;
}

static bool resumed_child(const struct parked *p, const struct lua_vm *vm, uint32_t slot,
			  struct parked *out)
{
	uint64_t contexts, context, list, size;
	struct list_part part;

	if (!slot || !p->head.exdata || !p->head.exdata2 ||
	    target_pages_read(&contexts, 8, p->head.exdata + 8 * REQUEST_CONTEXTS) ||
	    target_pages_read(&context, 8, contexts + slot - 1) ||
	    target_pages_read(&list, 8, context + CONTEXT_LIST) || !list ||
	    target_pages_read(&part, sizeof(part), list + 8) ||
	    target_pages_read(&size, 8, list + 8 + sizeof(part)) || size < CONTEXT_LEAST ||
	    size > CONTEXT_MOST)
		return false;
	for (int i = 0; i < LIST_PARTS; i++) {
		if (listed_child(p, vm, &part, size, out))
			return true;
		if (!part.next || target_pages_read(&part, sizeof(part), part.next))
			return false;
	}
	return false;
}

bool parked_child(const struct parked *p, const struct lua_vm *vm, uint32_t slot,
		  struct parked *out)
{
	return wrapped_child(p, vm, out) || resumed_child(p, vm, slot, out);
}
