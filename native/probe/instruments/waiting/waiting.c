/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "host/chance.h"
#include "host/usage.h"
#include "instruments/waiting/leaves.h"
#include "instruments/waiting/wait_rows.h"

#define MILLISECOND 1000000ULL
#define SECOND 1000000000ULL

enum {
	LOOK_EVERY_MS = 50,
	/* A look that comes later than this stands for no more: nobody knows what was between. */
	LONGEST_MS = 2000,
	/* Looks are never farther apart, whatever they cost. */
	SELDOM_S = 10,
	/* Names may change. */
	NAMED_MS = 5000,
	SOURCES_MAX = 1024,
};

struct source {
	pid_t pid;
	struct live_table connections;
	uint64_t tables[SAMPLE_VMS]; /* of coroutines, by VM */
	uint64_t looked_ns;
};

struct instrument {
	const struct traced *traced;
	struct leaves leaves;
	struct wait_rows rows;
	struct source *sources;
	size_t count, capacity;
	struct chance chance;
	uint64_t named_ns, ticked_ns;
	struct instrument_state stats;
};

static void close_waiting(struct instrument *w)
{
	if (!w)
		return;
	leaves_close(&w->leaves);
	wait_rows_close(&w->rows);
	free(w->sources);
	free(w);
}

static struct instrument *open_waiting(const struct traced *traced, struct failure *error)
{
	struct instrument *w = calloc(1, sizeof(*w));

	if (w) {
		w->traced = traced;
		chance_begin(&w->chance);
		if (wait_rows_open(&w->rows, traced) && leaves_open(&w->leaves))
			return w;
	}
	close_waiting(w);
	failure_no_memory(error);
	return NULL;
}

static void add(struct instrument *w, struct process *p)
{
	if (w->count == SOURCES_MAX || !array_reserve(w->sources, w->capacity, w->count + 1, 8))
		return;
	w->sources[w->count++] = (struct source){.pid = p->pid};
}

static void leave(struct instrument *w, struct process *p)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->sources[i].pid != p->pid)
			continue;
		w->sources[i] = w->sources[--w->count];
		return;
	}
}

/* Microseconds that this look stands for. */
static uint64_t time_of(struct instrument *w, struct source *s, uint64_t now_ns)
{
	uint64_t us = s->looked_ns ? (now_ns - s->looked_ns) / 1000 : 0;

	s->looked_ns = now_ns;
	w->stats.elapsed_us += us;
	if (us > LONGEST_MS * 1000ULL)
		us = LONGEST_MS * 1000ULL;
	w->stats.watched_us += us;
	return us;
}

/* The layout of requests is learnt from those that are met, a few in each look. */
static void learn(struct instrument *w, struct process *p)
{
	enum { TRIES = 4 };
	bool names = w->traced->naming->request_labels;

	for (size_t i = 0; i < w->leaves.live.count && i < TRIES; i++) {
		if (request_layout_done(&p->request, names) && p->request.known.line)
			return;
		p->request_news |= request_layout_learn(&p->request, &p->memory,
							w->leaves.live.items[i].request, true);
	}
}

static void look(struct instrument *w, struct source *s, struct process *p, uint64_t now_ns)
{
	uint64_t us = time_of(w, s, now_ns);

	leaves_read(&w->leaves, p, &s->connections, s->tables, now_ns / MILLISECOND);
	learn(w, p);
	w->stats.lost_events += w->leaves.left_out;
	if (us)
		wait_rows_add(&w->rows, p, &w->leaves, us);
	w->stats.events = w->rows.events;
	w->stats.value = w->rows.us;
	w->stats.lost_value = w->rows.lost_us;
}

static uint64_t tick(struct instrument *w, uint64_t now_ns)
{
	uint64_t cpu_ns = clock_thread_cpu_ns(), cost_ns;
	double wait_ns = LOOK_EVERY_MS * (double)MILLISECOND, may_cost;

	if (now_ns - w->named_ns >= NAMED_MS * MILLISECOND) {
		w->named_ns = now_ns;
		wait_rows_forget(&w->rows);
		known_waits_forget(&w->leaves.known);
	}
	for (size_t i = 0; i < w->count; i++) {
		struct process *p = traced_process(w->traced, w->sources[i].pid);

		if (p)
			look(w, &w->sources[i], p, now_ns);
	}
	cost_ns = clock_thread_cpu_ns() - cpu_ns;
	w->stats.cost_ns += cost_ns;
	may_cost = w->traced->percent / 100 * (double)(w->count ? w->count : 1);
	if (may_cost > 0 && (double)cost_ns / may_cost > wait_ns)
		wait_ns = (double)cost_ns / may_cost;
	if (wait_ns > SELDOM_S * (double)SECOND)
		wait_ns = SELDOM_S * (double)SECOND;
	/* Looks must not beat with the load. */
	return now_ns + (uint64_t)(wait_ns * (0.5 + chance_part(&w->chance)));
}

static void end(struct instrument *w)
{
	tick(w, clock_monotonic_ns());
}

static void state(const struct instrument *w, struct instrument_state *out)
{
	*out = w->stats;
	out->missing = w->rows.missing;
}

const struct instrument_ops waiting_instrument = {
	.id = "waiting",
	.open = open_waiting,
	.add = add,
	.remove = leave,
	.tick = tick,
	.end = end,
	.close = close_waiting,
	.state = state,
};
