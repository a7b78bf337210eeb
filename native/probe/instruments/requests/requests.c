/* SPDX-License-Identifier: MIT */
#include "instruments/requests/requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/usage.h"
#include "instruments/duty.h"
#include "instruments/requests/request_parts.h"
#include "instruments/requests/request_rows.h"
#include "instruments/requests/request_set.h"
#include "naming/naming.h"
#include "nginx/request_count.h"

#define MILLISECOND 1000000ULL

enum {
	/* The ring buffer has room for some 6000 requests. */
	SOONEST_MS = 10,
	LATEST_MS = 100,
	MANY = 200,
	BURST_MS = 20,
	RATE_MS = 500,
	REQUESTS_ENOUGH = 20,
};

struct instrument {
	const struct traced *traced;
	struct request_set set;
	struct request_rows rows;
	struct request_parts parts;
	struct request_counts counts; /* nginx's own */
	struct duty duty;
	size_t turn; /* whose burst is next */
	pid_t burst; /* whose it is; 0: nobody's */
	uint32_t every_ms;
	bool gaps;		 /* at times no process was watched */
	uint64_t taken, unrowed; /* requests that came, and of these, those in no row */
	uint64_t latency_us;
	uint64_t own_ns, drain_ns; /* CPU time of this instrument; of it, to take requests */
	double rate;		   /* requests of all processes a nanosecond; negative: not known */
	/* When nginx's own count was read, what it was, and whose it is. */
	uint64_t counted_ns, counted;
	enum request_scope scope;
};

static void take(void *context, const struct request_end *end);
static void take_whole(void *context, const struct request_whole *whole);

static struct instrument *open_requests(const struct traced *traced, struct failure *error)
{
	struct instrument *r = calloc(1, sizeof(*r));

	if (!r) {
		failure_no_memory(error);
		return NULL;
	}
	if (!traced->share) {
		instrument_needs_bpf(error, "Requests", "BPF and uprobes");
		free(r);
		return NULL;
	}
	r->traced = traced;
	r->rows = (struct request_rows){.model = traced->model, .names = &traced->naming->requests};
	r->every_ms = SOONEST_MS;
	r->rate = -1;
	r->set.texts = traced->naming->request_labels;
	duty_begin(&r->duty);
	if (!request_set_open(&r->set, &(struct request_takers){take, take_whole, r}, error))
		return r;
	free(r);
	return NULL;
}

static void take(void *context, const struct request_end *end)
{
	struct instrument *r = context;
	struct request_site *s = request_set_find(&r->set, (pid_t)end->pid);
	int64_t us;

	/* One that a module made for itself: it has no line and no connection. */
	if (end->known && !end->line_length && end->descriptor < 0)
		return;
	if (end->part_of) {
		if (s)
			request_parts_take(&r->parts, &r->rows, s, end);
		return;
	}
	if (s)
		request_parts_end(&r->parts, &r->rows, s->pid, end->request);
	r->taken++;
	if (!s) {
		r->unrowed++;
		return;
	}
	us = request_rows_add(&r->rows, s, end);
	if (us < 0)
		r->unrowed++;
	else
		r->latency_us += (uint64_t)us;
}

static void take_whole(void *context, const struct request_whole *w)
{
	struct instrument *r = context;
	struct request_end end;

	request_set_learn(&r->set, w, &end);
	take(r, &end);
}

static int drain(struct instrument *r)
{
	uint64_t cpu_ns = clock_thread_cpu_ns();
	int taken;

	request_clock_read(&r->rows.clock);
	taken = request_program_drain(&r->set.program);
	r->drain_ns += clock_thread_cpu_ns() - cpu_ns;
	return taken;
}

static void add(struct instrument *r, struct process *p)
{
	request_set_add(&r->set, p);
	request_counts_add(&r->counts, p->pid);
}

static size_t pids_of(const struct instrument *r, pid_t out[REQUEST_PROCESSES])
{
	size_t n = 0;

	for (size_t i = 0; i < r->set.count && n < REQUEST_PROCESSES; i++)
		out[n++] = r->set.sites[i]->pid;
	return n;
}

static void remove_process(struct instrument *r, struct process *p)
{
	pid_t left[REQUEST_PROCESSES];

	drain(r);
	request_parts_end(&r->parts, &r->rows, p->pid, 0);
	request_set_remove(&r->set, p->pid);
	request_counts_remove(&r->counts, p->pid, left, pids_of(r, left));
}

/* ---- what it may cost ---- */

/* Where nginx does not count them, as often as they were seen while they were watched. */
static double seen_rate(const struct instrument *r)
{
	uint64_t watched_ns = request_set_watched(&r->set).watched_ns;

	return watched_ns ? (double)r->taken * (double)r->set.count / (double)watched_ns : -1;
}

static void count_requests(struct instrument *r, uint64_t now_ns)
{
	uint64_t before = r->counted;
	pid_t pids[REQUEST_PROCESSES];
	const char *missing;

	r->scope = request_counts_read(&r->counts, pids, pids_of(r, pids), &r->counted, &missing);
	if (r->scope == REQUESTS_NOT_COUNTED)
		r->rate = seen_rate(r);
	else if (r->counted_ns && r->counted >= before && now_ns > r->counted_ns)
		r->rate = (double)(r->counted - before) / (double)(now_ns - r->counted_ns);
	r->counted_ns = now_ns;
}

static double cost_of_all(const struct instrument *r)
{
	const struct request_sums *s = r->set.program.sums;
	double each;

	if (r->rate < 0 || !s->ends)
		return -1;
	each = ((double)request_hits(s) * (double)r->set.program.trap_ns[r->set.step] +
		(double)(s->run_ns + r->drain_ns)) /
	       (double)s->ends;
	return r->rate * each;
}

static uint64_t cost_ns(const struct instrument *r)
{
	return request_set_target_ns(&r->set) + r->set.own_ns + r->own_ns;
}

static void choose(struct instrument *r, uint64_t now_ns)
{
	enum duty_want before = r->duty.want;
	struct duty_figures figures = {
		.cost_ns = cost_ns(r),
		.allowed = (double)r->traced->percent / 100 * (double)r->set.count,
		.all = cost_of_all(r),
	};

	r->gaps |= duty_next(&r->duty, now_ns, &figures) != DUTY_ALL;
	if (r->duty.want != DUTY_ONE || before == DUTY_ONE)
		return;
	r->burst = 0;
	for (size_t i = 0; i < r->set.count && !r->burst; i++) {
		struct request_site *s = r->set.sites[r->turn++ % r->set.count];

		if (!s->missing && !s->refused)
			r->burst = s->pid;
	}
}

static bool learns(const struct instrument *r)
{
	for (size_t i = 0; i < r->set.count; i++)
		if (r->set.sites[i]->place.whole)
			return true;
	return false;
}

static uint64_t pace(struct instrument *r, int taken, bool busy)
{
	uint32_t ms;

	if (taken > MANY && r->every_ms > SOONEST_MS)
		r->every_ms /= 2;
	else if (taken < MANY / 2 && r->every_ms < LATEST_MS)
		r->every_ms *= 2;
	ms = r->every_ms < LATEST_MS ? r->every_ms : LATEST_MS;
	if ((busy || r->duty.want == DUTY_ONE || learns(r)) && ms > BURST_MS)
		ms = BURST_MS;
	return ms * MILLISECOND;
}

static uint64_t tick(struct instrument *r, uint64_t now_ns)
{
	uint64_t cpu_ns = clock_thread_cpu_ns(), wait_ns;
	bool busy;
	int taken;

	request_program_trap_ns(&r->set.program, r->set.step);
	request_set_collect(&r->set);
	taken = drain(r);
	if (now_ns - r->counted_ns >= RATE_MS * MILLISECOND)
		count_requests(r, now_ns);
	choose(r, now_ns);
	busy = request_set_order(&r->set, r->duty.want == DUTY_ALL,
				 r->duty.want == DUTY_ONE ? r->burst : 0);
	wait_ns = pace(r, taken, busy);
	r->own_ns += clock_thread_cpu_ns() - cpu_ns;
	return now_ns + wait_ns;
}

static void end(struct instrument *r)
{
	r->duty.want = DUTY_NONE;
	do {
		trap_orders_wait(&r->set.traps);
		request_set_collect(&r->set);
	} while (request_set_order(&r->set, false, 0));
	drain(r);
	for (size_t i = 0; i < r->set.count; i++)
		request_parts_end(&r->parts, &r->rows, r->set.sites[i]->pid, 0);
	count_requests(r, clock_monotonic_ns());
}

static void close_requests(struct instrument *r)
{
	if (!r)
		return;
	end(r);
	request_set_close(&r->set);
	request_counts_free(&r->counts);
	free(r);
}

/*
 * A burst is not measured by the clock, since its process is slower while it lasts: it is as long
 * as nginx takes for so many requests.
 */
static void fill_times(const struct instrument *r, struct instrument_state *out)
{
	struct request_watched t = request_set_watched(&r->set);

	out->elapsed_us = t.elapsed_ns / 1000;
	out->watched_us = (t.watched_ns < t.elapsed_ns ? t.watched_ns : t.elapsed_ns) / 1000;
	if (!r->gaps)
		out->watched_us = out->elapsed_us;
	if (r->gaps && r->scope == REQUESTS_OF_WORKERS && r->counted >= REQUESTS_ENOUGH &&
	    out->events < r->counted)
		out->watched_us = (uint64_t)((double)out->elapsed_us * (double)out->events /
					     (double)r->counted);
}

static void state(const struct instrument *r, struct instrument_state *out)
{
	static const char refused[] =
		"The kernel did not place a probe in a process, so its requests are not watched.";

	memset(out, 0, sizeof(*out));
	out->lost_events = r->unrowed + r->parts.unrowed + r->set.program.sums->lost +
			   r->set.program.sums->lost_parts;
	out->events = r->taken + r->set.program.sums->lost;
	out->value = r->latency_us;
	out->requests = (double)out->events;
	out->target_ns = request_set_target_ns(&r->set);
	out->cost_ns = cost_ns(r);
	out->bursts = r->duty.bursts;
	out->trap_ns = r->set.program.trap_ns[r->set.step];
	fill_times(r, out);
	for (size_t i = 0; i < r->set.count && !out->missing; i++)
		out->missing = r->set.sites[i]->refused ? refused : r->set.sites[i]->missing;
}

const struct instrument_ops requests_instrument = {
	.id = "requests",
	.open = open_requests,
	.add = add,
	.remove = remove_process,
	.tick = tick,
	.end = end,
	.close = close_requests,
	.state = state,
};
