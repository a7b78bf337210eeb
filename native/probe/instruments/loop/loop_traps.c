/* SPDX-License-Identifier: MIT */
#include "instruments/loop/loop_traps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host/usage.h"

/* Of a burst: it has to be so long before its rate is believed. */
#define RATE_NS 20000000ULL

int loop_traps_open(struct loop_traps *t, enum trap_kind kind, uint64_t trap_ns)
{
	static const enum trap_program programs[TRAPS_AN_ORDER] = {TRAP_LOOP};

	memset(t, 0, sizeof(*t));
	t->rate = -1;
	duty_begin(&t->duty);
	t->trap_ns[TRAP_EMULATED] = trap_ns;
	return trap_orders_open(&t->orders, kind, programs, 1);
}

void loop_traps_close(struct loop_traps *t)
{
	trap_orders_close(&t->orders);
}

static struct loop_site *find(const struct loop_workers *w, pid_t pid)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->sites[i]->pid == pid)
			return w->sites[i];
	return NULL;
}

/* The program counts iterations from now on, or not any more. */
static void set_standing(const struct loop_workers *w, const struct loop_site *s, bool stands)
{
	struct loop *l = &w->loops[s->place];

	if ((l->epoch & 1) != stands)
		__atomic_store_n(&l->epoch, l->epoch + 1, __ATOMIC_RELEASE);
}

static void note_placed(const struct loop_workers *w, const struct trap_order *o)
{
	struct loop_site *s = find(w, o->pid);

	if (!s) {
		if (o->traps[0] >= 0)
			close(o->traps[0]);
		return;
	}
	s->wanted = false;
	s->refused = o->error;
	if (o->error)
		return;
	s->trap = o->traps[0];
	s->placed_ns = o->done_ns;
	if (!s->first_ns)
		s->first_ns = o->done_ns;
	set_standing(w, s, true);
}

uint64_t loop_traps_hits(const struct loop_traps *t, const struct loop_workers *w)
{
	uint64_t hits = t->hits;

	for (size_t i = 0; i < w->count; i++)
		hits += w->loops[w->sites[i]->place].hits;
	return hits;
}

uint64_t loop_traps_watched_ns(const struct loop_traps *t, const struct loop_workers *w,
			       uint64_t now_ns)
{
	uint64_t ns = t->watched_ns;

	for (size_t i = 0; i < w->count; i++) {
		const struct loop_site *s = w->sites[i];

		ns += s->watched_ns;
		if (s->placed_ns && now_ns > s->placed_ns)
			ns += now_ns - s->placed_ns;
	}
	return ns;
}

static uint64_t elapsed_ns(const struct loop_site *s, uint64_t now_ns)
{
	uint64_t since = s->offset && !s->refused ? s->first_ns : s->came_ns;

	return since && now_ns > since ? now_ns - since : 0;
}

uint64_t loop_traps_elapsed_ns(const struct loop_traps *t, const struct loop_workers *w,
			       uint64_t now_ns)
{
	uint64_t ns = t->elapsed_ns;

	for (size_t i = 0; i < w->count; i++)
		ns += elapsed_ns(w->sites[i], now_ns);
	return ns;
}

static uint64_t hit_ns(const struct loop_traps *t, const struct loop_site *s)
{
	return t->trap_ns[s->step] ? t->trap_ns[s->step] : t->trap_ns[TRAP_EMULATED];
}

/* The cost of a hit in the dearest worker. */
static uint64_t dearest_ns(struct loop_traps *t, const struct loop_workers *w)
{
	uint64_t most = 0;

	for (size_t i = 0; i < w->count; i++) {
		const struct loop_site *s = w->sites[i];

		if (!t->trap_ns[s->step] &&
		    trap_measure(TRAP_LOOP, t->orders.kind, s->step, &t->trap_ns[s->step]))
			t->trap_ns[s->step] = t->trap_ns[TRAP_EMULATED];
		if (hit_ns(t, s) > most)
			most = hit_ns(t, s);
	}
	return most;
}

uint64_t loop_traps_target_ns(const struct loop_traps *t, const struct loop_workers *w)
{
	uint64_t ns = t->closing_ns + t->hits * t->trap_ns[TRAP_EMULATED];

	for (size_t i = 0; i < w->count; i++)
		ns += w->loops[w->sites[i]->place].hits * hit_ns(t, w->sites[i]);
	return ns;
}

static void collect(struct loop_traps *t, const struct loop_workers *w)
{
	if (!trap_orders_done(&t->orders))
		return;
	for (size_t i = 0; i < t->orders.count; i++)
		if (t->orders.orders[i].pid)
			note_placed(w, &t->orders.orders[i]);
	t->own_ns += t->orders.cpu_ns;
	if (t->orders.kind == TRAP_EVENT && t->rate > 0)
		t->closing_ns += (uint64_t)((double)t->orders.closing_ns * t->rate *
					    (double)t->trap_ns[TRAP_EMULATED]);
	t->orders.count = 0;
}

static void order_in(struct loop_traps *t, struct loop_site *s)
{
	struct trap_order *o = trap_orders_new(&t->orders);

	if (!o)
		return;
	o->fd = fcntl(s->code, F_DUPFD_CLOEXEC, 0);
	o->offset[0] = s->offset;
	if (o->fd < 0) {
		s->refused = EMFILE;
		return;
	}
	o->pid = s->pid;
	s->wanted = true;
}

static void order_out(struct loop_traps *t, const struct loop_workers *w, struct loop_site *s,
		      uint64_t now_ns)
{
	struct trap_order *o = trap_orders_new(&t->orders);

	if (!o)
		return;
	set_standing(w, s, false);
	o->traps[0] = s->trap;
	s->trap = -1;
	s->watched_ns += now_ns - s->placed_ns;
	s->placed_ns = 0;
}

static bool order(struct loop_traps *t, const struct loop_workers *w, bool stand, uint64_t now_ns)
{
	for (size_t i = 0; i < w->count; i++) {
		struct loop_site *s = w->sites[i];

		if (!s->offset || s->wanted)
			continue;
		if (stand && s->trap < 0 && !s->refused)
			order_in(t, s);
		else if (!stand && s->trap >= 0)
			order_out(t, w, s, now_ns);
	}
	trap_orders_start(&t->orders);
	return burst_thread_busy(&t->orders.thread);
}

/* How often iterations come, as of the burst that runs or the last one. */
static void learn_rate(struct loop_traps *t, const struct loop_workers *w, uint64_t now_ns)
{
	uint64_t hits = loop_traps_hits(t, w), ns = loop_traps_watched_ns(t, w, now_ns);

	if (ns - t->burst_ns < RATE_NS)
		return;
	t->rate = (double)(hits - t->burst_hits) / (double)(ns - t->burst_ns);
	t->burst_hits = hits;
	t->burst_ns = ns;
}

bool loop_traps_tick(struct loop_traps *t, const struct loop_workers *w, uint64_t now_ns,
		     double allowed)
{
	double dearest = (double)dearest_ns(t, w);
	struct duty_figures figures = {.allowed = allowed};

	collect(t, w);
	learn_rate(t, w, now_ns);
	figures.cost_ns = loop_traps_target_ns(t, w) + t->own_ns;
	figures.all = t->rate < 0 ? -1 : t->rate * dearest * (double)w->count;
	return order(t, w, duty_next(&t->duty, now_ns, &figures) != DUTY_NONE, now_ns);
}

void loop_traps_end(struct loop_traps *t, const struct loop_workers *w)
{
	t->duty.want = DUTY_NONE;
	do {
		trap_orders_wait(&t->orders);
		collect(t, w);
	} while (order(t, w, false, clock_monotonic_ns()));
}

void loop_traps_forget(struct loop_traps *t, struct loop_site *s, const struct loop *l)
{
	uint64_t now_ns = clock_monotonic_ns();
	struct trap_order *o = s->trap >= 0 ? trap_orders_new(&t->orders) : NULL;

	t->hits += l->hits;
	t->watched_ns += s->watched_ns + (s->placed_ns ? now_ns - s->placed_ns : 0);
	t->elapsed_ns += elapsed_ns(s, now_ns);
	if (!o)
		return;
	o->traps[0] = s->trap;
	s->trap = -1;
	trap_orders_start(&t->orders);
}
