/* SPDX-License-Identifier: MIT */
#include "instruments/loop/stall.h"

#include <string.h>

void stall_begin(struct stall *s, uint64_t began)
{
	memset(s, 0, offsetof(struct stall, parts));
	s->began = s->until = began;
	s->count = 0;
	s->has_last = false;
}

static void of(struct stall *s, uint64_t began)
{
	if (s->began != began)
		stall_begin(s, began);
}

/* From where the parts end on. */
static uint64_t since(struct stall *s, uint64_t until)
{
	uint64_t ns = until > s->until ? until - s->until : 0;

	if (until > s->until)
		s->until = until;
	return ns;
}

static bool is_same(const struct model_place *a, const struct model_place *b)
{
	return a->stack == b->stack && a->labels == b->labels && a->request == b->request;
}

static void add(struct stall *s, const struct model_place *place, uint64_t ns, uint32_t looks)
{
	uint32_t i = 0;

	while (i < s->count && !is_same(&s->parts[i].place, place))
		i++;
	if (i == STALL_PARTS) {
		s->other_ns += ns;
		return;
	}
	if (i == s->count)
		s->parts[s->count++] = (struct stall_part){.place = *place};
	s->parts[i].ns += ns;
	s->parts[i].looks += looks;
}

void stall_looked(struct stall *s, const struct loop_event *e)
{
	of(s, e->began);
	s->awaits = e->until;
}

void stall_stack(struct stall *s, uint64_t value, const struct model_place *place)
{
	if (!s->began || s->awaits != value)
		return;
	s->awaits = 0;
	add(s, place, s->ready_ns + since(s, value), 1);
	s->ready_ns = 0;
	s->last = *place;
	s->has_last = true;
}

void stall_away(struct stall *s, const struct loop_event *e)
{
	bool taken;
	uint64_t ns;

	of(s, e->began);
	/* A stack was taken when it left, and nothing has run since. */
	taken = s->has_last && s->until == e->since;
	s->ready_ns += since(s, e->since);
	ns = since(s, e->until);
	if (taken)
		add(s, &s->last, ns, 0);
	else if (e->kind == LOOP_QUEUED)
		s->ready_ns += ns;
	else
		s->unknown_ns += ns;
}

void stall_end(struct stall *s, uint64_t began, uint64_t until)
{
	of(s, began);
	s->ready_ns += since(s, until);
	if (s->has_last)
		add(s, &s->last, s->ready_ns, 0);
	else
		s->unknown_ns += s->ready_ns;
	s->ready_ns = 0;
}
