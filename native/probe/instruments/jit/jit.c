/* SPDX-License-Identifier: MIT */
#include "instruments/jit/jit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "host/usage.h"
#include "instruments/jit/vm_watch.h"
#include "naming/process.h"

#define MILLISECOND 1000000ULL
#define SECOND 1000000000ULL

enum {
	WATCHES_MAX = 1024,
	/* LuaJIT remembers the last 64 places, and two flushes between two looks count as one. */
	LOOK_EVERY_MS = 100,
	/* A process may cost so much at once, which is enough to search some 50 MB. */
	SAVED_MOST_MS = 50,
};

/* This instrument needs no more of what it may cost; other instruments get the rest. */
#define PART 0.2

struct instrument {
	const struct traced *traced;
	struct vm_watch **watches;
	size_t count, capacity;
	size_t turn; /* of the watches: whose memory is searched next */
	uint64_t seen_ns;
	double saved_ns;	      /* what it may cost and has not yet */
	struct instrument_state gone; /* sums of VMs that are gone */
	uint64_t cost_ns, elapsed_us;
};

static struct instrument *open_jit(const struct traced *traced, struct failure *error)
{
	struct instrument *j = calloc(1, sizeof(*j));

	if (!j) {
		failure_no_memory(error);
		return NULL;
	}
	j->traced = traced;
	return j;
}

static void drop(struct instrument *j, size_t index)
{
	struct vm_watch *w = j->watches[index];

	j->gone.events += w->aborts;
	j->gone.lost_events += w->lost;
	vm_watch_free(w);
	free(w);
	j->watches[index] = j->watches[--j->count];
}

static void close_jit(struct instrument *j)
{
	if (!j)
		return;
	while (j->count)
		drop(j, j->count - 1);
	free(j->watches);
	free(j);
}

static void add_process(struct instrument *j, struct process *p)
{
	(void)p;
	j->saved_ns += SAVED_MOST_MS * (double)MILLISECOND;
}

static void remove_process(struct instrument *j, struct process *p)
{
	for (size_t i = j->count; i-- > 0;)
		if (j->watches[i]->pid == p->pid)
			drop(j, i);
}

static struct vm_watch *watch_of(struct instrument *j, const struct lua_vm *vm)
{
	for (size_t i = 0; i < j->count; i++)
		if (j->watches[i]->pid == vm->memory.pid && j->watches[i]->global == vm->global)
			return j->watches[i];
	return NULL;
}

/* NULL where there is no room. */
static struct vm_watch *new_watch(struct instrument *j, const struct lua_vm *vm)
{
	if (j->count == WATCHES_MAX || !array_reserve(j->watches, j->capacity, j->count + 1, 16))
		return NULL;
	j->watches[j->count] = malloc(sizeof(struct vm_watch));
	if (!j->watches[j->count])
		return NULL;
	vm_watch_init(j->watches[j->count], vm);
	return j->watches[j->count++];
}

static void look(struct instrument *j, const struct process *p, const struct lua_vm *vm,
		 uint64_t now_ns)
{
	struct vm_watch *w = watch_of(j, vm);
	uint32_t traces;

	if (!w)
		w = new_watch(j, vm);
	if (!w)
		return;
	w->met = true;
	vm_watch_look(w, j->traced->model, vm, p->fleeting);
	if (!w->looked || now_ns < w->point_due_ns || !compiler_count_traces(vm, &w->last, &traces))
		return;
	w->point_due_ns = now_ns + SECOND;
	add_vm(j->traced->model, vm, &w->last, traces, w->flushes,
	       (now_ns - j->traced->started_ns) / 1000);
}

static void look_at_all(struct instrument *j, uint64_t now_ns)
{
	for (size_t i = 0; i < j->count; i++)
		j->watches[i]->met = false;
	for (size_t i = 0; i < j->traced->count; i++) {
		const struct process *p = j->traced->processes[i];

		for (size_t k = 0; k < p->vm_count; k++)
			look(j, p, p->vms[k], now_ns);
	}
	for (size_t i = j->count; i-- > 0;)
		if (!j->watches[i]->met)
			drop(j, i);
}

static const struct lua_vm *vm_of(const struct instrument *j, const struct vm_watch *w)
{
	for (size_t i = 0; i < j->traced->count; i++) {
		const struct process *p = j->traced->processes[i];

		for (size_t k = 0; p->pid == w->pid && k < p->vm_count; k++)
			if (p->vms[k]->global == w->global)
				return p->vms[k];
	}
	return NULL;
}

/* Searches one piece of memory of one VM. */
static void search(struct instrument *j, uint64_t now_ns)
{
	for (size_t i = 0; i < j->count; i++) {
		struct vm_watch *w = j->watches[j->turn++ % j->count];
		const struct lua_vm *vm = w->looked ? vm_of(j, w) : NULL;

		if (vm && given_up_search(&w->given_up, j->traced->model, vm, now_ns))
			return;
	}
}

static double spend(struct instrument *j, uint64_t since_ns)
{
	uint64_t cost_ns = clock_thread_cpu_ns() - since_ns;

	j->cost_ns += cost_ns;
	j->saved_ns -= (double)cost_ns;
	return (double)cost_ns;
}

static uint64_t tick(struct instrument *j, uint64_t now_ns)
{
	uint64_t cpu_ns = clock_thread_cpu_ns(), elapsed_ns = j->seen_ns ? now_ns - j->seen_ns : 0;
	double most = SAVED_MOST_MS * (double)MILLISECOND * (double)j->traced->count;
	double share = j->traced->percent / 100 * PART * (double)j->traced->count, wait_ns;

	j->seen_ns = now_ns;
	j->elapsed_us += elapsed_ns / 1000 * j->traced->count;
	j->saved_ns += (double)elapsed_ns * share;
	if (j->saved_ns > most)
		j->saved_ns = most;
	look_at_all(j, now_ns);
	spend(j, cpu_ns);
	if (j->saved_ns > 0) {
		cpu_ns = clock_thread_cpu_ns();
		search(j, now_ns);
		spend(j, cpu_ns);
	}
	wait_ns = j->saved_ns < 0 && share > 0 ? -j->saved_ns / share : 0;
	return now_ns + LOOK_EVERY_MS * MILLISECOND +
	       (uint64_t)(wait_ns < (double)SECOND ? wait_ns : (double)SECOND);
}

/* Adds what has happened since the last look, and a last point for each VM. */
static void end(struct instrument *j)
{
	uint64_t cpu_ns = clock_thread_cpu_ns(), now_ns = clock_monotonic_ns();

	for (size_t i = 0; i < j->count; i++)
		j->watches[i]->point_due_ns = 0;
	look_at_all(j, now_ns);
	spend(j, cpu_ns);
}

static void state(const struct instrument *j, struct instrument_state *out)
{
	*out = j->gone;
	out->watched_us = out->elapsed_us = j->elapsed_us;
	out->cost_ns = j->cost_ns;
	out->missing = "";
	for (size_t i = 0; i < j->count; i++) {
		out->events += j->watches[i]->aborts;
		out->lost_events += j->watches[i]->lost;
		if (!*out->missing)
			out->missing = j->watches[i]->missing;
	}
	out->value = out->events;
	out->lost_value = out->lost_events;
}

const struct instrument_ops jit_instrument = {
	.id = "jit",
	.open = open_jit,
	.add = add_process,
	.remove = remove_process,
	.tick = tick,
	.end = end,
	.close = close_jit,
	.state = state,
};
