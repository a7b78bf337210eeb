/* SPDX-License-Identifier: MIT */
#include "naming/native_part.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "host/failure.h"
#include "walk/state.h"

/* No function is longer: beyond that an address is not in the one that begins before it. */
#define FUNCTION_MAX (1u << 20)

/*
 * Once for each process: an upgrade replaces several files at once. Files of a process that ends go
 * with its mappings, which nobody need know.
 */
static void tell_unreadable(const struct naming *s, struct process *p, uint64_t address,
			    const char *path)
{
	char text[NAME_MAX + 384];
	const char *slash = strrchr(path, '/');

	if (p->told_unreadable || !s->notices->notice || !process_same_mapping(p, address, address))
		return;
	p->told_unreadable = true;
	snprintf(text, sizeof(text),
		 "Process %d runs code of %.*s that cannot be read: the file was replaced or "
		 "deleted since the process started, or is not this user's to read. Its functions "
		 "have no names; they have again after a restart, or when traced as root.",
		 (int)p->pid, NAME_MAX, slash ? slash + 1 : path);
	s->notices->notice(s->notices->context, NOTICE_OTHER, p->pid, text, path);
}

uint32_t native_frame(struct naming *s, struct process *p, uint64_t address)
{
	struct symbol symbol = {0};
	uint64_t key = id_map_key(address, 1);
	uint32_t frame;

	if (id_map_get(&p->native_frames, key, &frame))
		return frame;
	if (!native_symbols_find(p->symbols, address, &symbol) || !*symbol.file)
		frame = frame_mark(s->model, "[unknown]", FRAME_UNKNOWN);
	else if (symbol.name_length && !symbol.approximate)
		frame = frame_symbol(s->model, &symbol, FRAME_NATIVE);
	else
		frame = model_frame(s->model, function_unnamed(s->model, &symbol), FRAME_NATIVE, 0,
				    FRAME_FLAG_APPROXIMATE);
	/* It may be opened yet. */
	if (symbol.unreadable && symbol.file[0] == '/')
		tell_unreadable(s, p, address, symbol.file);
	else
		id_map_put(&p->native_frames, key, frame, NULL);
	return frame;
}

void native_part_begin(struct native_part *n, struct naming *s, struct process *p,
		       const struct taken_sample *t, struct frame_list *frames)
{
	const struct sample *h = t->head;
	bool lua = false;

	*n = (struct native_part){.naming = s, .process = p, .frames = frames, .items = t->native};
	n->left = h->native;
	n->lua_known = true;
	n->end = h->native ? h->native_state : UNWIND_COMPLETE;
	if (!h->native && !(h->flags & SAMPLE_NO_REGS)) {
		/* There is nothing but where the thread is. */
		n->ip = h->ip;
		n->items = &n->ip;
		n->left = 1;
	}
	for (size_t i = 0; i < h->native && n->mark_count < NATIVE_MARKS_MAX; i++) {
		if (!(n->items[i] & UNWIND_MARK))
			continue;
		/* C frames that are further in than the Lua that was found have no frames. */
		if ((n->items[i] & ~UNWIND_MARK) == h->cframe)
			lua = true;
		if (lua)
			n->marks[n->mark_count++] = i;
	}
}

/* Lua's own name for the function that it called is in the model already. */
static bool is_called_function(struct native_part *n, uint64_t address)
{
	uint64_t function = n->function;

	n->function = 0;
	return function && address >= function && address - function < FUNCTION_MAX &&
	       native_frame(n->naming, n->process, address) ==
		       native_frame(n->naming, n->process, function);
}

static void push_mark(struct native_part *n, const char *text, enum frame_kind kind)
{
	frame_list_push(n->frames, frame_mark(n->naming->model, text, kind));
}

static void push_down_to(struct native_part *n, size_t end)
{
	uint64_t item;

	if (n->end == UNWIND_FULL)
		push_mark(n, "[truncated]", FRAME_TRUNCATED);
	else if (n->end != UNWIND_COMPLETE)
		push_mark(n, "[incomplete]", FRAME_INCOMPLETE);
	n->end = UNWIND_COMPLETE;
	while (n->left > end) {
		item = n->items[--n->left];
		if (item & UNWIND_MARK) {
			if (!n->lua_known)
				push_mark(n, "[unknown]", FRAME_UNKNOWN);
			continue;
		}
		if (is_called_function(n, item))
			continue;
		frame_list_push(n->frames, native_frame(n->naming, n->process, item));
	}
}

void native_part_until(struct native_part *n, size_t depth)
{
	push_down_to(n, depth < n->mark_count ? n->marks[depth] : n->left);
}

uint64_t native_part_callee(const struct native_part *n)
{
	return n->mark_count && n->marks[0] ? n->items[n->marks[0] - 1] : 0;
}

void native_part_rest(struct native_part *n)
{
	push_down_to(n, 0);
}
