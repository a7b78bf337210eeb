/* SPDX-License-Identifier: MIT */
#include "instruments/errors/error_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "host/usage.h"
#include "model/dictionary.h"
#include "naming/place.h"

enum { STACKS_MAX = 1024 };
#define NAMED_NS 500000000ULL

bool error_stacks_init(struct error_stacks *s, const struct traced *traced)
{
	*s = (struct error_stacks){.traced = traced, .known = id_map_of(STACKS_MAX * 2)};
	s->stacks = calloc(STACKS_MAX, sizeof(*s->stacks));
	return s->stacks != NULL;
}

void error_stacks_free(struct error_stacks *s)
{
	id_map_free(&s->known);
	free(s->stacks);
}

static void forget(struct error_stacks *s)
{
	id_map_clear(&s->known);
	s->count = 0;
	s->of_requests = false;
}

void error_stacks_begin(struct error_stacks *s)
{
	uint64_t now_ns = clock_monotonic_ns();

	if (!s->of_requests && now_ns - s->named_ns < NAMED_NS)
		return;
	s->named_ns = now_ns;
	forget(s);
	naming_begin(s->traced->naming, s->traced->processes, s->traced->count);
}

/* Of all that its name follows from. */
static uint64_t hash_of(const struct taken_sample *sample)
{
	const char *first = (const char *)(sample->head + 1);
	const struct sample *head = sample->head;
	uint64_t other = (uint64_t)head->pid << 32 | (uint32_t)head->vm_state;

	other = id_map_key(other, head->ip ^ (uint64_t)head->flags << 48);
	other = id_map_key(other, head->request);
	return id_map_key(hash_bytes(first, (size_t)((const char *)sample->places - first), other),
			  head->frames | (uint64_t)head->native << 16 |
				  (uint64_t)head->kernel << 32);
}

static uint32_t text(struct model *m, const char *name)
{
	return model_string(m, name, strlen(name));
}

static bool is_lua(const struct model_code_line *f)
{
	return f->kind == FRAME_LUA || f->kind == FRAME_LUA_JIT;
}

/* From the leaf on. */
static void read_lines(struct model *m, const struct frame_list *frames, struct error_stack *out)
{
	struct model_code_line f;
	size_t found = 0;

	for (size_t i = frames->count; i-- > 0 && found < ERROR_LINES;) {
		bool again = false;

		if (!model_frame_line(m, frames->ids[i], &f) || !is_lua(&f) || !f.file)
			continue;
		for (size_t k = 0; k < found; k++)
			again |= out->lines[2 * k] == f.file;
		if (again)
			continue;
		out->lines[2 * found] = f.file;
		out->lines[2 * found + 1] = f.line;
		found++;
	}
}

/*
 * Is there somebody to catch what is thrown at the leaf? A thread of its own that nobody resumes is
 * where an error ends.
 */
static bool is_protected(struct model *m, const struct frame_list *frames)
{
	/* Of the VM, of ngx_lua, and of both where ngx_lua has put its own in their place. */
	static const char *const catchers[] = {"pcall", "xpcall", "coroutine.resume",
					       "coroutine._resume", "coroutine.__resume"};
	struct model_code_line f;

	for (size_t i = frames->count; i-- > 0;) {
		if (!model_frame_line(m, frames->ids[i], &f))
			return false;
		if (f.kind == FRAME_LUA_BUILTIN || f.kind == FRAME_LUA_C)
			for (size_t k = 0; k < sizeof(catchers) / sizeof(*catchers); k++)
				if (f.name == text(m, catchers[k]))
					return true;
		if (f.flags & FRAME_FLAG_SPAWNED)
			return false;
	}
	return false;
}

static void read_stack(struct error_stacks *s, struct process *p, const struct taken_sample *sample,
		       struct error_stack *out)
{
	struct model *m = s->traced->model;
	struct named_sample named;

	name_sample(s->traced->naming, p, sample, &named);
	*out = (struct error_stack){
		.place = place_of(m, &named),
		.phase = named.labels.phase,
		.has_request = sample->head->request != 0,
		.protected = is_protected(m, &named.frames),
	};
	read_lines(m, &named.frames, out);
}

struct error_stack error_stack_of(struct error_stacks *s, struct process *p,
				  const struct taken_sample *sample)
{
	uint64_t key = hash_of(sample);
	uint32_t index;

	if (id_map_get(&s->known, key, &index))
		return s->stacks[index - 1];
	if (s->count == STACKS_MAX)
		forget(s);
	read_stack(s, p, sample, &s->stacks[s->count++]);
	id_map_put(&s->known, key, s->count, NULL);
	s->of_requests |= sample->head->request != 0;
	return s->stacks[s->count - 1];
}
