/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/parked_walk.h"

#include <string.h>

#include "luajit/object.h"

/*
 * Frames that are passed on the way to a root; a stack has no room for more. All walks of a process
 * at one moment together are bounded too: who made its stacks may have meant harm.
 */
enum { DEEPEST = 1 << 15, STEPS = 1 << 18, CONTEXTS = 1 << 14 };
static uint32_t steps_left, contexts_left;

static struct walk_cache cache;
/* The one whose stack is walked: its window is at hand. */
static const struct parked *walked;

int parked_bytes(void *out, uint32_t size, uint64_t address)
{
	uint64_t at = walked ? address - walked->window_at : 0;

	if (walked && at < walked->window_size && size <= walked->window_size - at) {
		memcpy(out, walked->window + at, size);
		return 0;
	}
	at = walked ? address - walked->leaf : 0;
	if (walked && walked->leaf && at < sizeof(walked->function) &&
	    size <= sizeof(walked->function) - at) {
		memcpy(out, walked->function + at, size);
		return 0;
	}
	if (walked && address == walked->head.exdata2 && size <= sizeof(walked->context)) {
		memcpy(out, &walked->context, size);
		return 0;
	}
	return target_pages_read(out, size, address) ? -1 : 0;
}

void parked_walk_begin(pid_t pid)
{
	target_pages_begin(pid);
	steps_left = STEPS;
	contexts_left = CONTEXTS;
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
	for (uint32_t steps = 0; steps < DEEPEST && steps_left; steps++) {
		steps_left--;
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

/* A function of coroutine.wrap() has the coroutine as its only upvalue. */
static uint64_t wrapped_child(const struct parked *p, const struct lua_function *f)
{
	uint64_t upvalue;

	memcpy(&upvalue, p->function + sizeof(*f) + 8, sizeof(upvalue));
	return f->upvalues == 1 && VALUE_IS(upvalue, LUA_THREAD) ? VALUE_POINTER(upvalue) : 0;
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

static uint64_t listed_child(const struct parked *p, const struct list_part *part, uint64_t size)
{
	struct parked_context context;
	uint64_t state;

	for (uint64_t i = 0; i < part->count && contexts_left; i++) {
		contexts_left--;
		if (target_pages_read(&context, sizeof(context), part->elements + i * size) ||
		    context.parent != p->head.exdata2 || context.thread == p->thread ||
		    target_pages_read(&state, 8, part->elements + i * size + size - 8))
			continue;
		/* The last four bytes, of which the state has the bits behind the lowest. */
		state = (state >> 32 >> STATE_SHIFT) & STATE_MASK;
		if (state == STATE_RUNS || state == STATE_NORMAL)
			return context.thread;
	}
	return 0;
}

static uint64_t resumed_child(const struct parked *p, uint32_t slot)
{
	uint64_t contexts, context, list, size, child;
	struct list_part part;

	if (!slot || !p->head.exdata || !p->head.exdata2 ||
	    target_pages_read(&contexts, 8, p->head.exdata + 8 * REQUEST_CONTEXTS) ||
	    target_pages_read(&context, 8, contexts + slot - 1) ||
	    target_pages_read(&list, 8, context + CONTEXT_LIST) || !list ||
	    target_pages_read(&part, sizeof(part), list + 8) ||
	    target_pages_read(&size, 8, list + 8 + sizeof(part)) || size < CONTEXT_LEAST ||
	    size > CONTEXT_MOST)
		return 0;
	for (int i = 0; i < LIST_PARTS; i++) {
		child = listed_child(p, &part, size);
		if (child || !part.next || target_pages_read(&part, sizeof(part), part.next))
			return child;
	}
	return 0;
}

/* Is it what modules call coroutine.resume? */
static bool may_resume(const struct parked *p, const struct lua_vm *vm,
		       const struct lua_function *f)
{
	const struct c_identity id = {f->ffid, p->leaf, f->c};
	const char *name;
	size_t length = catalogue_c(vm->catalogue, &id, &name);

	return length && memmem(name, length, "resume", 6);
}

uint64_t parked_child(const struct parked *p, const struct lua_vm *vm, uint32_t slot)
{
	struct lua_function f;
	uint64_t child;

	memcpy(&f, p->function + 8, sizeof(f));
	if (f.gct != WALK_FUNCTION || f.ffid != 1)
		return 0;
	child = wrapped_child(p, &f);
	if (!child && may_resume(p, vm, &f))
		child = resumed_child(p, slot);
	return child == p->thread ? 0 : child;
}
