/* SPDX-License-Identifier: MIT */
#include "trace/watching.h"

#include <stdio.h>
#include <string.h>

void watching_init(struct watching *w, const struct traced *traced)
{
	memset(w, 0, sizeof(*w));
	w->traced = *traced;
	for (size_t i = 0; i < INSTRUMENTS_MAX && instruments[i]; i++)
		w->items[i].ops = instruments[i];
}

void watching_close(struct watching *w)
{
	for (size_t i = 0; i < INSTRUMENTS_MAX; i++) {
		if (w->items[i].running)
			w->items[i].ops->close(w->items[i].running);
		w->items[i].running = NULL;
	}
}

static void take_processes(struct watching *w, struct process *const *processes, size_t count)
{
	w->traced.processes = processes;
	w->traced.count = count;
	for (size_t i = 0; i < INSTRUMENTS_MAX; i++) {
		w->items[i].traced.processes = processes;
		w->items[i].traced.count = count;
	}
}

void watching_add(struct watching *w, struct process *const *processes, size_t count)
{
	take_processes(w, processes, count);
	for (size_t i = 0; i < INSTRUMENTS_MAX; i++)
		if (w->items[i].running && w->items[i].ops->add)
			w->items[i].ops->add(w->items[i].running, processes[count - 1]);
}

void watching_remove(struct watching *w, struct process *p)
{
	for (size_t i = 0; i < INSTRUMENTS_MAX; i++)
		if (w->items[i].running && w->items[i].ops->remove)
			w->items[i].ops->remove(w->items[i].running, p);
}

void watching_removed(struct watching *w, struct process *const *processes, size_t count)
{
	take_processes(w, processes, count);
}

static struct watching_one *item_of(struct watching *w, const char *id)
{
	for (size_t i = 0; i < INSTRUMENTS_MAX && w->items[i].ops; i++)
		if (!strcmp(w->items[i].ops->id, id))
			return &w->items[i];
	return NULL;
}

static void divide_budget(struct watching *w)
{
	size_t on = 0;

	for (size_t i = 0; i < INSTRUMENTS_MAX; i++)
		on += w->items[i].running != NULL;
	for (size_t i = 0; i < INSTRUMENTS_MAX && on; i++)
		w->items[i].traced.percent = w->traced.percent / (float)on;
}

static void switch_off(struct watching_one *one)
{
	if (!one->running)
		return;
	one->ops->end(one->running);
	one->ops->state(one->running, &one->last);
	one->last.missing = NULL;
	one->ops->close(one->running);
	one->running = NULL;
}

int watching_switch(struct watching *w, const char *id, bool on, float percent,
		    struct failure *error)
{
	struct watching_one *one = item_of(w, id);

	error->detail = NULL;
	if (!one) {
		error->kind = FAILURE_BAD_REQUEST;
		snprintf(
			error->text, sizeof(error->text),
			"This probe has no instrument \"%.32s\": it is of another version than whoever "
			"asks for it. Remove the probe from the host, then attach again.",
			id);
		return -1;
	}
	if (!on) {
		switch_off(one);
		divide_budget(w);
		return 0;
	}
	if (one->running)
		return 0;
	w->traced.percent = percent;
	one->traced = w->traced;
	one->due_ns = 0;
	one->running = one->ops->open(&one->traced, error);
	if (!one->running)
		return -1;
	one->was_on = true;
	divide_budget(w);
	for (size_t i = 0; one->ops->add && i < w->traced.count; i++)
		one->ops->add(one->running, w->traced.processes[i]);
	return 0;
}

uint64_t watching_tick(struct watching *w, uint64_t now_ns)
{
	uint64_t next_ns = UINT64_MAX;

	for (size_t i = 0; i < INSTRUMENTS_MAX; i++) {
		struct watching_one *one = &w->items[i];

		if (!one->running)
			continue;
		if (now_ns >= one->due_ns)
			one->due_ns = one->ops->tick(one->running, now_ns);
		if (one->due_ns < next_ns)
			next_ns = one->due_ns;
	}
	return next_ns;
}

size_t watching_list(const struct watching *w, struct watched *out)
{
	size_t count = 0;

	for (size_t i = 0; i < INSTRUMENTS_MAX; i++) {
		const struct watching_one *one = &w->items[i];

		if (!one->was_on)
			continue;
		out[count] = (struct watched){one->ops->id, one->running != NULL, one->last};
		if (one->running)
			one->ops->state(one->running, &out[count].state);
		count++;
	}
	return count;
}
