/* SPDX-License-Identifier: MIT */
#include "instruments/loop/loop_instrument.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "host/usage.h"
#include "instruments/loop/loop_program.h"
#include "instruments/loop/loop_rows.h"
#include "instruments/loop/loop_traps.h"
#include "instruments/named_places.h"

#define MILLISECOND 1000000ULL
#define SECOND 1000000000ULL
/* Of the budget: the rest is for switches of threads and for stacks. */
#define TRAPS_PART 0.6

enum { TICK_MS = 50, BURST_MS = 20 };

struct instrument {
	const struct traced *traced;
	struct loop_program program;
	struct loop_traps traps;
	struct loop_workers workers;
	size_t capacity;
	struct loop_rows rows;
	struct named_places named;
	uint64_t own_ns, run_ns;  /* CPU time, the probe's and the programs' */
	uint64_t lost, gone_lost; /* samples and reports; of workers that have left */
	uint64_t ticked_ns;
};

static struct loop_site *site_of(const struct instrument *i, uint32_t pid)
{
	for (size_t k = 0; k < i->workers.count; k++)
		if (i->workers.sites[k]->pid == (pid_t)pid)
			return i->workers.sites[k];
	return NULL;
}

static void take_sample(void *context, const struct taken_sample *sample)
{
	struct instrument *i = context;
	struct loop_site *s = site_of(i, sample->head->pid);
	struct process *p = traced_process(i->traced, (pid_t)sample->head->pid);
	struct model_place place;

	if (!s || !p)
		return;
	place = named_place_of(&i->named, i->traced, p, sample);
	stall_stack(&s->stall, sample->head->value, &place);
}

static void end_iteration(struct instrument *i, struct loop_site *s, uint64_t began, uint64_t until,
			  bool exact)
{
	if (until - began >= LOOP_STALL_NS) {
		stall_end(&s->stall, began, until);
		loop_rows_stall(&i->rows, s->pid, &s->stall, exact);
	}
	stall_begin(&s->stall, 0);
}

static void take_event(void *context, const struct loop_event *e)
{
	struct instrument *i = context;
	struct loop_site *s = site_of(i, e->pid);

	if (!s || e->until < e->since || e->since < e->began)
		return;
	switch (e->kind) {
	case LOOP_ENDED:
		loop_rows_add(&i->rows, s->pid, 1, e->until - e->began);
		end_iteration(i, s, e->began, e->until, true);
		return;
	case LOOP_STALLED:
		end_iteration(i, s, e->began, e->until, false);
		return;
	case LOOP_LOOKED:
		stall_looked(&s->stall, e);
		return;
	default:
		stall_away(&s->stall, e);
	}
}

static void close_loop(struct instrument *i)
{
	if (!i)
		return;
	loop_traps_close(&i->traps);
	while (i->workers.count)
		loop_site_free(i->workers.sites[--i->workers.count]);
	free(i->workers.sites);
	loop_program_close(&i->program);
	named_places_free(&i->named);
	free(i);
}

static struct instrument *open_loop(const struct traced *traced, struct failure *error)
{
	struct instrument *i = calloc(1, sizeof(*i));
	int result;

	if (!i) {
		failure_no_memory(error);
		return NULL;
	}
	i->traced = traced;
	i->rows.traced = traced;
	i->program.switches = -1;
	named_places_init(&i->named);
	if (!traced->share) {
		instrument_needs_bpf(error, "Event loops", "BPF");
	} else if (!loop_program_open(&i->program,
				      &(struct loop_takers){take_sample, take_event, i}, error)) {
		i->workers.loops = i->program.loops;
		result = loop_traps_open(&i->traps, i->program.kind, i->program.trap_ns);
		if (!result)
			return i;
		error->kind = FAILURE_OTHER;
		error->detail = NULL;
		snprintf(error->text, sizeof(error->text),
			 "The probe could not start a thread: %s. Event loops are not watched; the "
			 "CPU profile goes on without them.",
			 strerror(-result));
	}
	close_loop(i);
	return NULL;
}

static void add(struct instrument *i, struct process *p)
{
	struct loop_site *s;

	if (site_of(i, (uint32_t)p->pid) ||
	    !array_reserve(i->workers.sites, i->capacity, i->workers.count + 1, 8))
		return;
	s = loop_site_new(p->pid);
	if (s && !loop_program_add(&i->program, s))
		i->workers.sites[i->workers.count++] = s;
	else if (s)
		loop_site_free(s);
}

/* Iterations that the program has counted since. */
static void take_short(struct instrument *i, struct loop_site *s, const struct loop *l)
{
	for (size_t k = 0; k < LOOP_BUCKETS; k++) {
		const struct loop_bucket *now = &l->shorter[k];
		struct loop_bucket *seen = &s->shorter[k];
		uint64_t ns = __atomic_load_n(&now->ns, __ATOMIC_RELAXED);
		uint64_t count = __atomic_load_n(&now->count, __ATOMIC_ACQUIRE);

		if (count <= seen->count)
			continue;
		loop_rows_add(&i->rows, s->pid, count - seen->count, ns - seen->ns);
		*seen = (struct loop_bucket){count, ns};
	}
}

static uint64_t idle_ns(const struct loop *l, uint64_t now_ns)
{
	uint64_t since = __atomic_load_n(&l->idle_since, __ATOMIC_RELAXED);

	return l->idle_ns + (since && now_ns > since ? now_ns - since : 0);
}

static void take_point(struct instrument *i, struct loop_site *s, const struct loop *l,
		       uint64_t now_ns)
{
	uint64_t idle = idle_ns(l, now_ns), queued = s->queued_ns;

	/* Whether it sleeps or works is known from its first switch on. */
	if (now_ns - s->point_ns < SECOND || (!l->began && !l->idle_since))
		return;
	loop_site_queued(s, &queued);
	if (s->point_ns)
		loop_rows_point(&i->rows, s->pid, now_ns, now_ns - s->point_ns,
				idle > s->idle_ns ? idle - s->idle_ns : 0,
				queued > s->queued_ns ? queued - s->queued_ns : 0);
	s->point_ns = now_ns;
	s->idle_ns = idle;
	s->queued_ns = queued;
}

static void drain(struct instrument *i, uint64_t now_ns)
{
	uint64_t lost = i->gone_lost;

	named_places_drain(&i->named);
	loop_program_drain(&i->program);
	loop_program_sums(&i->program, &i->run_ns, &i->lost);
	for (size_t k = 0; k < i->workers.count; k++) {
		struct loop_site *s = i->workers.sites[k];
		const struct loop *l = &i->workers.loops[s->place];

		take_short(i, s, l);
		take_point(i, s, l, now_ns);
		lost += l->lost;
	}
	i->lost += lost;
}

/* A stall that still lasts. */
static void end_running(struct instrument *i, struct loop_site *s, uint64_t now_ns)
{
	const struct loop *l = &i->workers.loops[s->place];
	bool exact = (l->epoch & 1) && l->exact == l->epoch;
	uint64_t began = l->began, until = exact ? now_ns : l->seen;

	if (began && !l->idle_since && until > began)
		end_iteration(i, s, began, until, false);
}

static void leave(struct instrument *i, struct process *p)
{
	struct loop_site *s = site_of(i, (uint32_t)p->pid);
	uint64_t now_ns = clock_monotonic_ns();
	size_t k = 0;

	if (!s)
		return;
	drain(i, now_ns);
	end_running(i, s, now_ns);
	i->gone_lost += i->workers.loops[s->place].lost;
	loop_traps_forget(&i->traps, s, &i->workers.loops[s->place]);
	loop_program_remove(&i->program, s);
	while (i->workers.sites[k] != s)
		k++;
	i->workers.sites[k] = i->workers.sites[--i->workers.count];
	loop_site_free(s);
}

static uint64_t tick(struct instrument *i, uint64_t now_ns)
{
	uint64_t cpu_ns = clock_thread_cpu_ns();
	double allowed = (double)i->traced->percent / 100 * TRAPS_PART * (double)i->workers.count;
	bool busy;

	i->ticked_ns = now_ns;
	drain(i, now_ns);
	busy = loop_traps_tick(&i->traps, &i->workers, now_ns, allowed) ||
	       i->traps.duty.want == DUTY_ONE;
	i->own_ns += clock_thread_cpu_ns() - cpu_ns;
	return now_ns + (busy ? BURST_MS : TICK_MS) * MILLISECOND;
}

static void end(struct instrument *i)
{
	uint64_t now_ns = clock_monotonic_ns();

	drain(i, now_ns);
	for (size_t k = 0; k < i->workers.count; k++)
		end_running(i, i->workers.sites[k], now_ns);
	loop_traps_end(&i->traps, &i->workers);
	drain(i, now_ns);
}

static const char *missing_of(const struct instrument *i)
{
	bool bursts = i->traps.duty.want != DUTY_ALL;

	for (size_t k = 0; k < i->workers.count; k++) {
		const struct loop_site *s = i->workers.sites[k];

		if (!s->offset)
			return "This process is no nginx that exports its functions (as it does since "
			       "1.9.11): its iterations cannot be counted.";
		if (s->refused)
			return "The kernel places no uprobe where iterations begin: they are not "
			       "counted, and stalls are found by nginx's clock alone.";
		if (!s->clock && bursts)
			return "Iterations are watched in bursts, and between these the clock of "
			       "this nginx does not tell of stalls (timer_resolution).";
	}
	return "";
}

static void state(const struct instrument *i, struct instrument_state *out)
{
	*out = (struct instrument_state){
		.watched_us = loop_traps_watched_ns(&i->traps, &i->workers, i->ticked_ns) / 1000,
		.elapsed_us = loop_traps_elapsed_ns(&i->traps, &i->workers, i->ticked_ns) / 1000,
		.events = i->rows.iterations,
		.value = i->rows.iterations_us,
		.lost_events = i->rows.lost + i->lost,
		.cost_ns = loop_traps_target_ns(&i->traps, &i->workers) + i->traps.own_ns +
			   i->run_ns + i->own_ns,
		.target_ns = loop_traps_target_ns(&i->traps, &i->workers) + i->run_ns,
		.bursts = i->traps.duty.bursts,
		.missing = missing_of(i),
	};
	if (out->watched_us > out->elapsed_us)
		out->watched_us = out->elapsed_us;
}

const struct instrument_ops loop_instrument = {
	.id = "loop",
	.open = open_loop,
	.add = add,
	.remove = leave,
	.tick = tick,
	.end = end,
	.close = close_loop,
	.state = state,
};
