/* SPDX-License-Identifier: MIT */
#include "instruments/allocations/allocations.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "host/chance.h"
#include "host/usage.h"
#include "instruments/allocations/allocation_source.h"
#include "instruments/allocations/bursts.h"
#include "instruments/allocations/known_places.h"
#include "naming/place.h"

#define MILLISECOND 1000000ULL

enum {
	SOURCES_MAX = 1024,
	/* So many cost little more than to place a uprobe and to take it out. */
	LEAST_CALLS = 4000,
	/* A burst as others would notice it is none; one that sees whole requests may be longer. */
	AIM_US = 16000,
	AIM_APART_MS = 4000,
	WHOLE_US = 100000,
	WHOLE_APART_MS = 20000,
	LEAST_MS = 100,
	/* By the clock, at most. */
	LONGEST_US = 200000,
	REQUESTS_ENOUGH = 20,
	DELAY_US = 80000,
	TICK_MS = 10,
	/* A walk costs about as much as some traps: so many calls are there for one. */
	CALLS_A_SAMPLE = 6,
	SAMPLES_A_BURST = 1000,
	FIRST_SHIFT = 10,
	LEAST_SHIFT = 5,
	MOST_SHIFT = 20,
};

/*
 * A burst begins at a random moment, which falls more often behind what takes long. So a stretch
 * begins after some of the calls that a request makes, any of them as likely as another; and is
 * about as long as a request, which then costs two: half to wait, half until the last has ended.
 */
#define WHOLE_REQUEST 2.2
/* Where no requests are known: the part of a burst's calls that may go by. */
#define WAITED 0.4
/* Of the time between bursts: they must not beat with the load. */
#define JITTER 0.3
/* From this part on, what is left of a burst's time without its cost is known well enough. */
#define FREE_ENOUGH 0.9
/* How fast bursts that are past lose weight. */
#define FADING 0.8

static const struct series allocated = {
	.name = "allocated",
	.instrument = "allocations",
	.unit = "bytes",
	.shape = SERIES_STACKS,
	.estimated = true,
};

struct instrument {
	const struct traced *traced;
	struct bursts *bursts;
	struct allocation_source *sources; /* one for each process that was met */
	size_t count, capacity;
	size_t turn; /* of the processes: whose it is next */
	uint64_t due_ns, seen_ns;
	/* The part of the budget that bursts have left, and the expected cost of the next. */
	double saved_ns, price_ns;
	/* Of a burst, about: its length, if it is measured in time; else its calls. */
	uint32_t length_us;
	double calls;
	/* Calls and requests of bursts whose process has the count of requests for itself. */
	double own_calls, own_requests;
	double free; /* part of a burst's time that is not what it costs */
	double lately_ns, lately_slowed, lately_calls;
	uint64_t trap_ns;
	uint32_t mean_shift;
	uint64_t burst_bytes; /* of the one that is being taken */
	/* Of all bursts: by the clock, without what they cost, CPU time without it. */
	double clock_ns, least_ns, used_ns;
	/* Of all processes, and what they used and had in it. */
	double elapsed_ns, busy_ns, all_requests;
	size_t sharing; /* processes that share the request counter of the one in flight */
	struct chance chance;
	struct known_places known;
	struct instrument_state stats;
	char missing[192];
};

static struct instrument *open_allocations(const struct traced *traced, struct failure *error)
{
	struct instrument *a = calloc(1, sizeof(*a));

	if (!a) {
		failure_no_memory(error);
		return NULL;
	}
	if (!traced->share) {
		instrument_needs_bpf(error, "Allocations", "BPF and uprobes");
		free(a);
		return NULL;
	}
	a->traced = traced;
	a->bursts = bursts_open(traced->share, error);
	if (!a->bursts) {
		free(a);
		return NULL;
	}
	chance_begin(&a->chance);
	a->mean_shift = FIRST_SHIFT;
	return a;
}

static void close_allocations(struct instrument *a)
{
	size_t i;

	if (!a)
		return;
	bursts_close(a->bursts);
	for (i = 0; i < a->count; i++)
		allocation_source_free(&a->sources[i]);
	free(a->sources);
	free(a);
}

static struct allocation_source *source_of(struct instrument *a, pid_t pid)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (a->sources[i].pid == pid)
			return &a->sources[i];
	return NULL;
}

/* A process that finds no room is not watched. */
static void add_source(struct instrument *a, pid_t pid)
{
	if (source_of(a, pid) || a->count == SOURCES_MAX ||
	    !array_reserve(a->sources, a->capacity, a->count + 1, 8))
		return;
	allocation_source_init(&a->sources[a->count++], pid);
}

/* Bytes in no sample yet belong to the last one: they are less than one stands for. */
static void settle(struct instrument *a, struct allocation_source *s)
{
	if (!s->passed)
		return;
	s->last.pid = (uint32_t)s->pid;
	a->stats.value += s->passed;
	if (!model_add(a->traced->model, &allocated, &s->last, 0, s->passed))
		a->stats.lost_value += s->passed;
	s->passed = 0;
}

/* Drops the sources of processes that are gone. */
static void drop_sources(struct instrument *a)
{
	size_t i = 0;

	while (i < a->count) {
		if (traced_process(a->traced, a->sources[i].pid)) {
			i++;
			continue;
		}
		settle(a, &a->sources[i]);
		allocation_source_free(&a->sources[i]);
		a->sources[i] = a->sources[--a->count];
	}
}

static void take(void *context, const struct taken_sample *sample, uint64_t bytes)
{
	struct instrument *a = context;
	pid_t pid = (pid_t)sample->head->pid;
	struct process *p = traced_process(a->traced, pid);
	struct allocation_source *s = source_of(a, pid);
	struct model_place *place = known_place(&a->known, sample);
	struct named_sample named;

	a->stats.value += bytes;
	a->burst_bytes += bytes;
	if (p && !place->stack) {
		name_sample(a->traced->naming, p, sample, &named);
		*place = place_of(a->traced->model, &named);
	}
	if (!p || !model_add(a->traced->model, &allocated, place, 1, bytes))
		a->stats.lost_value += bytes;
	else if (s)
		s->last = *place;
}

/* Few samples stand for much, many cost much: a share of the calls, and no flood. */
static void choose_mean(struct instrument *a, const struct burst *r)
{
	uint64_t samples = r->watch.grown / CALLS_A_SAMPLE, mean;

	if (!r->watch.grown)
		return;
	if (samples > SAMPLES_A_BURST)
		samples = SAMPLES_A_BURST;
	mean = a->burst_bytes / (samples ? samples : 1);
	a->mean_shift = LEAST_SHIFT;
	while (a->mean_shift < MOST_SHIFT && (2ULL << a->mean_shift) <= mean)
		a->mean_shift++;
}

/* Nanoseconds of cost that one of a row of bursts may have, if they begin this far apart. */
static double allowed_ns(const struct instrument *a, uint64_t apart_ns, size_t processes)
{
	return (double)apart_ns * (double)a->traced->percent / 100 *
	       (double)(processes ? processes : 1);
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* Calls from the beginning of one request to that of the next; 0: not known, or endless. */
static double request_calls(const struct instrument *a)
{
	return a->own_requests > 0 ? a->own_calls / a->own_requests : 0;
}

/* As many calls as the next burst is for, and what it is expected to cost. */
static void choose_calls(struct instrument *a, size_t processes)
{
	double each = (double)(a->trap_ns ? a->trap_ns : bursts_trap_ns(a->bursts, TRAP_EMULATED)),
	       most = least(AIM_US * 1000.0, allowed_ns(a, AIM_APART_MS * MILLISECOND, processes)),
	       whole = least(WHOLE_US * 1000.0,
			     allowed_ns(a, WHOLE_APART_MS * MILLISECOND, processes)),
	       request = request_calls(a);

	a->calls = request > 0 ? least(request * WHOLE_REQUEST, whole / each) : most / each;
	if (a->calls < LEAST_CALLS)
		a->calls = LEAST_CALLS;
	a->price_ns = a->calls * each;
}

/*
 * The next burst waits until the last ones are paid for, so that whenever one looks they cost
 * hardly more than they may.
 */
static void plan(struct instrument *a, const struct burst *r, size_t processes)
{
	double slowed = (double)(r->watch.seen * r->trap_ns + r->watch.walk_ns), length_ns, wait;

	a->saved_ns -= (double)r->cost_ns;
	/* Of the last few bursts. */
	a->lately_ns = a->lately_ns * FADING + (double)r->watched_ns + 1;
	a->lately_slowed = a->lately_slowed * FADING + slowed;
	if (r->watch.seen)
		a->trap_ns = a->trap_ns ? (a->trap_ns * 3 + r->trap_ns) / 4 : r->trap_ns;
	choose_calls(a, processes);
	a->free = 1 - a->lately_slowed / a->lately_ns;
	length_ns = a->price_ns * a->free / (1 - a->free + 1e-6);
	a->length_us = a->free >= FREE_ENOUGH ? (uint32_t)least(length_ns / 1000, LONGEST_US) : 0;
	wait = -a->saved_ns / allowed_ns(a, 1, processes);
	if (wait < LEAST_MS * (double)MILLISECOND)
		wait = LEAST_MS * (double)MILLISECOND;
	a->due_ns = a->seen_ns + (uint64_t)(wait * (1 + JITTER * chance_part(&a->chance)));
}

/*
 * How much of the process's time a burst saw. Where requests are counted, it is the time in which
 * there are as many. Else: by the clock it is too much where the process was
 * busy all the time, since it was slowed down; without what it cost it is too little where the
 * process made up for that in what would have been idle time. Between these, it is as long as the
 * process takes to use that much CPU time.
 */
static void add_time(struct instrument *a, const struct burst *r)
{
	uint64_t slowed = r->watch.seen * r->trap_ns + r->watch.walk_ns;

	a->clock_ns += (double)r->watched_ns;
	a->least_ns += r->watched_ns > slowed ? (double)(r->watched_ns - slowed) : 0;
	a->used_ns += r->cpu_ns > slowed ? (double)(r->cpu_ns - slowed) : 0;
}

static uint64_t watched_us(const struct instrument *a)
{
	double busy = a->elapsed_ns > 0 ? a->busy_ns / a->elapsed_ns : 0;
	double ns = busy > 0 ? a->used_ns / busy : a->clock_ns;

	/* All of them are counted from time to time: at first the bursts may know of more. */
	if (a->stats.requests >= REQUESTS_ENOUGH && a->all_requests > a->stats.requests)
		return (uint64_t)(a->elapsed_ns * a->stats.requests / a->all_requests / 1000);
	ns = ns < a->least_ns ? a->least_ns : ns > a->clock_ns ? a->clock_ns : ns;
	return (uint64_t)(ns / 1000);
}

static void collect(struct instrument *a)
{
	struct allocation_source *s;
	uint64_t requests = 0;
	struct burst r;

	if (!bursts_running(a->bursts))
		return;
	known_places_forget(&a->known);
	naming_begin(a->traced->naming, a->traced->processes, a->traced->count);
	if (!bursts_end(a->bursts, take, a, &r))
		return;
	s = source_of(a, r.pid);
	if (s) {
		s->gap = r.watch.gap;
		s->passed = r.watch.passed;
	}
	a->burst_bytes += r.watch.lost_bytes;
	a->stats.value += r.watch.lost_bytes;
	a->stats.lost_value += r.watch.lost_bytes;
	a->stats.events += r.watch.grown;
	add_time(a, &r);
	if (r.watch.counter_first && r.watch.counter_last > r.watch.counter_first)
		requests = r.watch.counter_last - r.watch.counter_first;
	if (r.watch.counter && a->sharing == 1) {
		/* A stretch in which no request began. */
		a->own_calls += r.watch.began_ns ? (double)r.watch.seen : (double)r.watch.most;
		a->own_requests += (double)requests;
	}
	a->stats.requests += (double)requests / (double)(a->sharing ? a->sharing : 1);
	a->stats.cost_ns += r.cost_ns;
	a->stats.target_ns += r.target_ns;
	a->stats.trap_ns = r.trap_ns;
	a->stats.bursts++;
	a->missing[0] = '\0';
	if (r.error && r.error != -ESRCH)
		snprintf(a->missing, sizeof(a->missing),
			 "The kernel did not place a probe in process %d (%s), so its allocations "
			 "cannot be watched.",
			 (int)r.pid, strerror(-r.error));
	choose_mean(a, &r);
	a->burst_bytes = 0;
	plan(a, &r, a->traced->count);
}

static size_t count_sharing(const struct instrument *a, const struct request_counter *c)
{
	size_t i, n = 0;

	for (i = 0; i < a->count; i++)
		n += a->sources[i].counter.memory == c->memory &&
		     a->sources[i].counter.address == c->address;
	return n;
}

static void choose_stretch(struct instrument *a, struct burst *burst)
{
	struct allocation_watch *w = &burst->watch;
	double request = request_calls(a), waited = a->calls * WAITED;

	if (request > 0 && request < waited)
		waited = request * (double)(uint64_t)(waited / request);
	else if (request > 0)
		waited = least(request, a->calls / 2);
	w->whole = !burst->length_us && request > 0 && request < a->calls / 2 && w->counter &&
		   a->sharing == 1;
	w->wait = (uint64_t)(waited * chance_part(&a->chance));
	w->most = (uint64_t)(a->calls - waited / 2 - (w->whole ? request / 2 : 0));
	w->limit = w->wait + w->most + (uint64_t)a->calls;
}

static void begin(struct instrument *a, const struct allocation_source *s)
{
	struct burst burst = {
		.pid = s->pid,
		.site_count = s->site_count,
		.step = s->stepped ? TRAP_STEPPED : TRAP_EMULATED,
		.delay_us = (uint32_t)(chance_part(&a->chance) * DELAY_US),
		.length_us = (uint32_t)(a->length_us * (0.75 + 0.5 * chance_part(&a->chance))),
		.watch = {.mean_shift = a->mean_shift,
			  .trap_ns = a->trap_ns,
			  .gap = s->gap,
			  .passed = s->passed,
			  .counter = s->counter.address},
	};

	a->sharing = count_sharing(a, &s->counter);
	if (!a->calls)
		choose_calls(a, a->traced->count);
	choose_stretch(a, &burst);
	if (!burst.watch.gap)
		burst.watch.gap =
			1 + (uint64_t)(chance_part(&a->chance) * (double)(1ULL << a->mean_shift));
	memcpy(burst.sites, s->sites, sizeof(burst.sites));
	bursts_begin(a->bursts, &burst);
}

/* How busy it was since its last burst. */
static void note_busy(struct instrument *a, struct allocation_source *s, uint64_t now_ns)
{
	uint64_t cpu_ns = clock_process_ns(s->pid), requests = allocation_source_requests(s);

	if (s->noted_ns && cpu_ns >= s->cpu_ns && requests >= s->requests) {
		a->busy_ns += (double)(cpu_ns - s->cpu_ns);
		a->elapsed_ns += (double)(now_ns - s->noted_ns);
		a->all_requests +=
			(double)(requests - s->requests) / (double)count_sharing(a, &s->counter);
	}
	s->cpu_ns = cpu_ns;
	s->requests = requests;
	s->noted_ns = now_ns;
}

static void begin_next(struct instrument *a, uint64_t now_ns)
{
	struct process *const *processes = a->traced->processes;
	size_t count = a->traced->count;
	struct allocation_source *s;
	size_t i, k;

	drop_sources(a);
	for (i = 0; i < count; i++)
		add_source(a, processes[i]->pid);
	for (i = 0; i < count; i++) {
		k = (a->turn + i) % count;
		s = source_of(a, processes[k]->pid);
		if (!s)
			continue;
		allocation_source_look(s, processes[k], now_ns);
		if (!s->site_count)
			continue;
		a->turn = k + 1;
		if (a->saved_ns > a->price_ns)
			a->saved_ns = a->price_ns;
		note_busy(a, s, now_ns);
		begin(a, s);
		return;
	}
}

static uint64_t tick(struct instrument *a, uint64_t now_ns)
{
	size_t count = a->traced->count;

	if (a->seen_ns) {
		a->stats.elapsed_us += (now_ns - a->seen_ns) / 1000 * count;
		a->saved_ns += allowed_ns(a, now_ns - a->seen_ns, count);
	}
	a->seen_ns = now_ns;
	collect(a);
	if (count && !bursts_running(a->bursts) && now_ns >= a->due_ns)
		begin_next(a, now_ns);
	if (bursts_running(a->bursts) || now_ns >= a->due_ns)
		return now_ns + TICK_MS * MILLISECOND;
	return a->due_ns;
}

static void end(struct instrument *a)
{
	size_t i;

	bursts_finish(a->bursts);
	collect(a);
	for (i = 0; i < a->count; i++)
		settle(a, &a->sources[i]);
}

static void state(const struct instrument *a, struct instrument_state *out)
{
	size_t i;

	*out = a->stats;
	out->watched_us = watched_us(a);
	out->missing = a->missing;
	for (i = 0; i < a->count && !*out->missing; i++)
		if (a->sources[i].missing)
			out->missing = a->sources[i].missing;
}

const struct instrument_ops allocations_instrument = {
	.id = "allocations",
	.open = open_allocations,
	.tick = tick,
	.end = end,
	.close = close_allocations,
	.state = state,
};
