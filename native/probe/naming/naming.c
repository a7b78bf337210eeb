/* SPDX-License-Identifier: MIT */
#include "naming/naming.h"

#include <string.h>
#include <time.h>

#include "host/usage.h"
#include "naming/lua_part.h"
#include "naming/native_part.h"
#include "walk/state.h"

#define KERNEL_FRAMES_MAX 16384

void naming_init(struct naming *n, struct model *model, bool request_labels,
		 const struct notices *notices)
{
	*n = (struct naming){
		.model = model,
		.kernel_frames = id_map_of(KERNEL_FRAMES_MAX),
		.requests = request_names_of(model),
		.request_labels = request_labels,
		.notices = notices,
	};
}

void naming_free(struct naming *n)
{
	kernel_symbols_free(n->kernel);
	id_map_free(&n->kernel_frames);
	request_names_free(&n->requests);
}

static void push_mark(struct naming *n, struct frame_list *frames, const char *text,
		      enum frame_kind kind)
{
	frame_list_push(frames, frame_mark(n->model, text, kind));
}

static uint32_t kernel_frame(struct naming *s, uint64_t address)
{
	struct symbol symbol = {0};
	uint32_t frame;

	if (id_map_get(&s->kernel_frames, address, &frame))
		return frame;
	if (!s->kernel)
		s->kernel = kernel_symbols_new();
	if (s->kernel && kernel_symbols_find(s->kernel, address, &symbol) && symbol.name_length)
		frame = frame_symbol(s->model, &symbol, FRAME_KERNEL);
	else
		frame = frame_mark(s->model, "[kernel]", FRAME_KERNEL);
	id_map_put(&s->kernel_frames, address, frame, NULL);
	return frame;
}

void naming_begin(struct naming *n, struct process *const *processes, size_t count)
{
	n->now_ms = clock_monotonic_ms();
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < processes[i]->vm_count; k++)
			jit_begin(processes[i]->vms[k]->jit, n->now_ms);
}

/* The VM's own work, where it was busy with that and not with the Lua code itself. */
static void push_vm_work(struct naming *n, struct frame_list *frames, enum vm_state state)
{
	switch (state) {
	case VM_GC:
		push_mark(n, frames, "[garbage collector]", FRAME_GC);
		break;
	case VM_RECORD:
	case VM_OPTIMISE:
	case VM_ASSEMBLE:
		push_mark(n, frames, "[JIT compiler]", FRAME_JIT_COMPILER);
		break;
	case VM_EXIT:
		push_mark(n, frames, "[JIT exit]", FRAME_VM_EXIT);
		break;
	default:
		break;
	}
}

/* The walk may have taken another thread's VM for this one's where a process has several threads.
 */
static bool is_own_stack(struct process *p, const struct sample *h)
{
	return h->pid == h->tid || process_same_mapping(p, h->sp, h->cframe);
}

/*
 * The request is gone when this looks at it, but nginx makes the next one in the same place: it is
 * looked at a few times, until the layout is known. If it does not become known, as where there are
 * only timers, it is looked for ever less often.
 */
void naming_learn_requests(struct naming *n, struct process *p)
{
	enum { LOOKS = 20, PATIENCE = 20, LATER_MS = 2000 };
	const struct timespec moment = {0, 300000};
	uint64_t since = n->now_ms - p->request_looked_ms, request = p->request_met;
	bool done = request_layout_done(&p->request, n->request_labels);

	p->request_met = 0;
	if (!request || done || !since || (p->request_polls > PATIENCE && since < LATER_MS))
		return;
	p->request_looked_ms = n->now_ms;
	p->request_polls++;
	for (int i = 0; i < LOOKS && !done; i++) {
		if (i)
			nanosleep(&moment, NULL);
		p->request_news |=
			request_layout_learn(&p->request, &p->memory, request, n->request_labels);
		done = request_layout_done(&p->request, n->request_labels);
	}
}

/*
 * Where the thread ran on while it was read, the request may be another one's by then: none is
 * better than that.
 */
static void label_request(struct naming *n, struct process *p, const struct taken_sample *t,
			  struct named_sample *out)
{
	const struct sample_request *request = t->request;
	bool other = false;

	if (!request || (t->head->flags & SAMPLE_TORN))
		return;
	p->request_met = t->head->request;
	/* The phase is the one in which Lua ran last. */
	if (t->head->lua_state)
		out->labels.phase = phase_of(&p->phases, n->model, request, out->labels.phase);
	if (n->request_labels)
		out->request = request_names_get(&n->requests, request, &other);
	out->other_request = out->request && other;
}

void name_sample(struct naming *n, struct process *p, const struct taken_sample *t,
		 struct named_sample *out)
{
	const struct sample *h = t->head;
	struct lua_part lua = {.quality = QUALITY_NO_LUA, .vm_state = VM_NONE};
	struct lua_vm *vm = h->lua_state ? process_vm(p, h->global) : NULL, *like = vm;
	struct frame_list *frames = &out->frames;
	struct native_part native;
	uint32_t k = h->kernel;

	*out = (struct named_sample){
		.pid = p->pid,
		.has_native = h->native > 0,
		.native_state = h->native_state,
	};
	native_part_begin(&native, n, p, t, frames);
	/* Gone already; the sample's walk took it to be as its siblings are, too. */
	if (h->lua_state && !vm && p->vm_count)
		like = p->vms[0];
	if (like && is_own_stack(p, h))
		lua_part_add(n, p, like, !vm, t, &native, &lua);
	else if ((h->flags & SAMPLE_IN_VM) || (h->lua_state && !like))
		lua.quality = QUALITY_UNKNOWN;
	out->truncated = (h->flags & SAMPLE_TRUNCATED) || lua.left_out;
	native.lua_known = frames->count != 0;
	push_vm_work(n, frames, lua.vm_state);
	/* Code of the VM or of its compiler is not native: Lua frames stand for it. */
	if (h->native > 1 || !((h->flags & SAMPLE_IN_VM) || lua.in_mcode))
		native_part_rest(&native);
	if (!frames->count)
		push_mark(n, frames, "[unknown]", FRAME_UNKNOWN);
	if (h->flags & SAMPLE_KERNEL_CUT)
		push_mark(n, frames, "[truncated]", FRAME_TRUNCATED);
	while (k-- > 0)
		frame_list_push(frames, kernel_frame(n, t->kernel[k]));
	out->labels = (struct model_labels){
		.vm_state = lua.vm_state,
		.quality = lua.quality,
		.trace = lua.trace,
		.phase = lua.phase,
	};
	label_request(n, p, t, out);
}
