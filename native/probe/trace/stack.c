/* SPDX-License-Identifier: MIT */
#include "trace/stack.h"

#include <string.h>
#include <time.h>

#include "trace/lua_part.h"
#include "trace/native_part.h"
#include "unwind/state.h"

uint32_t stack_mark(struct model *m, const char *text, enum frame_kind kind, uint32_t flags)
{
	uint32_t name = model_string(m, text, strlen(text));

	return model_frame(m, model_function(m, name, 0, 0, 0), kind, 0, flags);
}

static uint32_t push_mark(struct stacks *s, uint32_t stack, const char *text, enum frame_kind kind)
{
	return model_stack(s->model, stack, stack_mark(s->model, text, kind, 0));
}

uint32_t stack_symbol(struct model *m, const struct symbol *symbol, enum frame_kind kind)
{
	uint32_t name = model_string(m, symbol->name, symbol->name_length), file = 0;

	if (symbol->file && *symbol->file)
		file = model_string(m, symbol->file, strlen(symbol->file));
	return model_frame(m, model_function(m, name, file, 0, 0), kind, 0,
			   symbol->approximate ? FRAME_FLAG_APPROXIMATE : 0);
}

static uint32_t kernel_frame(struct stacks *s, uint64_t address)
{
	struct symbol symbol = {0};
	uint32_t frame;

	if (id_map_get(&s->kernel_frames, address, &frame))
		return frame;
	if (!s->kernel)
		s->kernel = kernel_symbols_new();
	if (s->kernel && kernel_symbols_find(s->kernel, address, &symbol) && symbol.name_length)
		frame = stack_symbol(s->model, &symbol, FRAME_KERNEL);
	else
		frame = stack_mark(s->model, "[kernel]", FRAME_KERNEL, 0);
	id_map_put(&s->kernel_frames, address, frame, NULL);
	return frame;
}

/* What the VM was busy with, where that is not the Lua code itself. */
static uint32_t push_vm_work(struct stacks *s, uint32_t stack, enum vm_state state)
{
	switch (state) {
	case VM_GC:
		return push_mark(s, stack, "[garbage collector]", FRAME_GC);
	case VM_RECORD:
	case VM_OPTIMISE:
	case VM_ASSEMBLE:
		return push_mark(s, stack, "[JIT compiler]", FRAME_JIT_COMPILER);
	case VM_EXIT:
		return push_mark(s, stack, "[JIT exit]", FRAME_VM_EXIT);
	default:
		return stack;
	}
}

static void count(struct trace_stats *stats, enum quality quality)
{
	stats->lua_samples += quality != QUALITY_NO_LUA;
	stats->lua_exact += quality == QUALITY_EXACT;
	stats->lua_function += quality == QUALITY_FUNCTION;
	stats->lua_trace_root += quality == QUALITY_TRACE_ROOT;
	stats->lua_unknown += quality == QUALITY_UNKNOWN;
}

static void count_native(struct trace_stats *stats, const struct sample *h)
{
	if (!h->native)
		return;
	stats->native_samples++;
	stats->native_complete += h->native_state == UNWIND_COMPLETE;
	stats->native_truncated += h->native_state == UNWIND_FULL;
}

/* The walk may have taken another thread's VM for this one's where a process has several threads.
 */
static bool is_own_stack(struct process *p, const struct sample *h)
{
	return h->pid == h->tid || process_same_mapping(p, h->sp, h->cframe);
}

/*
 * The request is gone when this looks at it, but nginx makes the next one in the same place: it is
 * looked at a few times in a poll, until the layout is known. What does not become known, as where
 * there are only timers, is looked for ever less often.
 */
static void learn_layout(struct stacks *s, struct process *p, const struct sample *h)
{
	enum { LOOKS = 20, PATIENCE = 20, LATER_MS = 2000 };
	const struct timespec moment = {0, 300000};
	uint64_t since = s->now_ms - p->request_looked_ms;
	bool done = request_layout_done(&p->request, s->request_labels);

	if (done || !since || (p->request_polls > PATIENCE && since < LATER_MS))
		return;
	p->request_looked_ms = s->now_ms;
	p->request_polls++;
	for (int i = 0; i < LOOKS && !done; i++) {
		if (i)
			nanosleep(&moment, NULL);
		p->request_news |= request_layout_learn(&p->request, &p->memory, h->request,
							s->request_labels);
		done = request_layout_done(&p->request, s->request_labels);
	}
}

/*
 * Where the thread ran on while it was read, the request may be another one's by then: none is
 * better than that.
 */
static uint32_t label_request(struct stacks *s, struct process *p, const struct taken_sample *t,
			      struct lua_part *lua)
{
	const struct sample_request *request = t->request;
	uint32_t id = 0;
	bool other;

	if (!request || (t->head->flags & SAMPLE_TORN))
		return 0;
	learn_layout(s, p, t->head);
	lua->phase = phase_of(&p->phases, s->model, request, lua->phase);
	if (s->request_labels)
		id = request_names_get(&s->requests, request, &other);
	if (id) {
		s->stats->request_samples++;
		s->stats->other_requests += other;
	}
	return id;
}

static void name_stack(struct stacks *s, struct process *p, const struct taken_sample *t,
		       struct model_place *out)
{
	const struct sample *h = t->head;
	struct lua_part lua = {.quality = QUALITY_NO_LUA, .vm_state = VM_NONE};
	struct lua_vm *vm = h->lua_state ? process_vm(p, h->global) : NULL, *like = vm;
	uint32_t stack, k = h->kernel;
	struct model_labels labels;
	struct native_part native;

	native_part_begin(&native, s, p, t);
	/* Gone already; the sample's walk took it to be as its siblings are, too. */
	if (h->lua_state && !vm && p->vm_count)
		like = p->vms[0];
	if (like && is_own_stack(p, h))
		lua_part_add(s, p, like, !vm, t, &native, &lua);
	else if ((h->flags & SAMPLE_IN_VM) || (h->lua_state && !like))
		lua.quality = QUALITY_UNKNOWN;
	native.lua_known = lua.stack != 0;
	stack = push_vm_work(s, lua.stack, lua.vm_state);
	/* Code of the VM or of its compiler is not native: Lua frames stand for it. */
	if (h->native > 1 || !((h->flags & SAMPLE_IN_VM) || lua.in_mcode))
		stack = native_part_rest(&native, stack);
	if (!stack)
		stack = push_mark(s, stack, "[unknown]", FRAME_UNKNOWN);
	if (h->flags & SAMPLE_KERNEL_CUT)
		stack = push_mark(s, stack, "[truncated]", FRAME_TRUNCATED);
	while (k-- > 0)
		stack = model_stack(s->model, stack, kernel_frame(s, t->kernel[k]));
	out->request = label_request(s, p, t, &lua);
	labels = (struct model_labels){
		.vm_state = lua.vm_state,
		.quality = lua.quality,
		.trace = lua.trace,
		.phase = lua.phase,
	};
	count(s->stats, lua.quality);
	count_native(s->stats, h);
	out->stack = stack;
	out->pid = (uint32_t)p->pid;
	out->labels = model_label_set(s->model, &labels);
}

void stack_add(struct stacks *s, struct process *p, const struct taken_sample *t)
{
	struct model_place row;

	name_stack(s, p, t, &row);
	model_add(s->model, row.stack, row.pid, row.labels, row.request);
}

void stack_place(struct stacks *s, struct process *p, const struct taken_sample *t,
		 struct model_place *out)
{
	struct trace_stats *stats = s->stats, unused = {0};

	s->stats = &unused;
	name_stack(s, p, t, out);
	s->stats = stats;
}
