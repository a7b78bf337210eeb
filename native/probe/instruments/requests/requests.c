/* SPDX-License-Identifier: MIT */
#include "instruments/requests/requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/usage.h"
#include "instruments/requests/request_duty.h"
#include "instruments/requests/request_program.h"
#include "instruments/requests/request_rows.h"
#include "instruments/requests/request_site.h"
#include "instruments/requests/request_traps.h"
#include "naming/naming.h"
#include "nginx/request_count.h"

#define MILLISECOND 1000000ULL

enum {
	/* The ring buffer has room for some 1700 requests. */
	SOONEST_MS = 10,
	LATEST_MS = 100,
	MANY = 200,
	BURST_MS = 20,
	RATE_MS = 500,
	REQUESTS_ENOUGH = 20,
	LEAVING_MAX = 1024,
};

struct instrument {
	const struct traced *traced;
	struct request_program program;
	struct request_traps traps;
	struct request_rows rows;
	struct request_counts counts; /* nginx's own */
	struct duty duty;
	struct request_site **sites;
	size_t count, capacity;
	size_t turn; /* whose burst is next */
	pid_t burst; /* whose it is; 0: nobody's */
	int leaving[LEAVING_MAX];
	size_t leaving_count; /* uprobes of processes that are not watched any more */
	enum trap_step step;  /* the dearest that any process has */
	uint32_t every_ms;
	bool gaps; /* at times no process was watched */
	/* Of processes that have left: how long they were watched and there. */
	uint64_t watched_ns, elapsed_ns;
	uint64_t taken, unrowed; /* requests that came, and of these, those in no row */
	uint64_t latency_us;
	/* CPU time of this instrument, of it for each request; of targets while uprobes go. */
	uint64_t own_ns, drain_ns, closing_ns;
	double rate; /* requests of all processes a nanosecond; negative: not known */
	/* When nginx's own count was read, what it was, and whose it is. */
	uint64_t counted_ns, counted;
	enum request_scope scope;
	char missing[192];
};

static void take(void *context, const struct request_end *end);
static void take_whole(void *context, const struct request_whole *whole);

static struct instrument *open_requests(const struct traced *traced, struct failure *error)
{
	struct instrument *r = calloc(1, sizeof(*r));
	int result;

	error->detail = NULL;
	error->kind = FAILURE_OTHER;
	if (!r) {
		snprintf(error->text, sizeof(error->text), "The probe is out of memory.");
		return NULL;
	}
	if (!traced->share) {
		error->kind = FAILURE_NO_SAMPLER;
		snprintf(error->text, sizeof(error->text),
			 "Requests are watched by BPF and uprobes, and this trace does without "
			 "BPF. Run the probe as root, or give it CAP_BPF, CAP_PERFMON and "
			 "CAP_SYS_PTRACE, on Linux 5.10 or later.");
		free(r);
		return NULL;
	}
	r->traced = traced;
	r->rows = (struct request_rows){.model = traced->model, .names = &traced->naming->requests};
	r->step = TRAP_EMULATED;
	r->every_ms = SOONEST_MS;
	r->rate = -1;
	duty_begin(&r->duty);
	if (request_program_open(&r->program, take, take_whole, r, error)) {
		free(r);
		return NULL;
	}
	result = request_traps_open(&r->traps, r->program.kind);
	if (!result)
		return r;
	snprintf(error->text, sizeof(error->text), "The probe could not start a thread: %s.",
		 strerror(-result));
	request_traps_close(&r->traps);
	request_program_close(&r->program);
	free(r);
	return NULL;
}

static struct request_site *site_of(const struct instrument *r, pid_t pid)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->sites[i]->pid == pid)
			return r->sites[i];
	return NULL;
}

static void take(void *context, const struct request_end *end)
{
	struct instrument *r = context;
	struct request_site *s = site_of(r, (pid_t)end->pid);
	int64_t us;

	/* One that a module made for itself: it has no line and no connection. */
	if (end->known && !end->line_length && end->descriptor < 0)
		return;
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

/* ---- what is where in a request ---- */

static void tell(struct instrument *r, struct request_site *s)
{
	request_site_place(s, r->traced->naming->request_labels);
	request_program_put(&r->program, s->pid, &s->place);
}

static bool is_same_build(const struct request_site *a, const struct request_site *b)
{
	return a->code.inode == b->code.inode && a->code.device == b->code.device;
}

/* What one worker shows holds for all of the same executable. */
static void tell_alike(struct instrument *r, const struct request_site *from)
{
	for (size_t i = 0; i < r->count; i++) {
		struct request_site *s = r->sites[i];

		if (s->missing || !is_same_build(s, from))
			continue;
		s->layout = from->layout;
		tell(r, s);
	}
}

static void take_whole(void *context, const struct request_whole *w)
{
	struct instrument *r = context;
	struct request_site *s = site_of(r, (pid_t)w->end.pid);
	bool was_whole = s && s->place.whole;
	struct request_end end = w->end;

	if (s && request_site_learn(s, w, &end)) {
		if (was_whole)
			tell_alike(r, s);
	} else if (s) {
		tell(r, s);
	}
	take(r, &end);
}

static int drain(struct instrument *r)
{
	uint64_t cpu_ns = clock_thread_cpu_ns();
	int taken;

	request_clock_read(&r->rows.clock);
	taken = request_program_drain(&r->program);
	r->drain_ns += clock_thread_cpu_ns() - cpu_ns;
	return taken;
}

/* ---- processes ---- */

static bool reserve(struct instrument *r)
{
	size_t capacity = r->capacity ? r->capacity * 2 : 8;
	struct request_site **bigger;

	if (r->count < r->capacity)
		return true;
	bigger = realloc(r->sites, capacity * sizeof(*bigger));
	if (!bigger)
		return false;
	r->sites = bigger;
	r->capacity = capacity;
	return true;
}

/* What has no room is not watched. */
static void add(struct instrument *r, struct process *p)
{
	struct request_site *s = reserve(r) ? request_site_new(p) : NULL;

	if (!s)
		return;
	r->sites[r->count++] = s;
	request_counts_add(&r->counts, s->pid);
	if (s->missing)
		return;
	if (s->code.step == TRAP_STEPPED)
		r->step = TRAP_STEPPED;
	for (size_t i = 0; i + 1 < r->count; i++)
		if (request_site_known(r->sites[i]) && is_same_build(s, r->sites[i]))
			s->layout = r->sites[i]->layout;
	tell(r, s);
}

static void let_go(struct instrument *r, const int traps[2])
{
	for (int i = 0; i < 2; i++)
		if (traps[i] >= 0 && r->leaving_count < LEAVING_MAX)
			r->leaving[r->leaving_count++] = traps[i];
}

static void settle(struct instrument *r, struct request_site *s, uint64_t now_ns)
{
	if (s->placed_ns)
		s->watched_ns += now_ns - s->placed_ns;
	s->placed_ns = 0;
	r->watched_ns += s->watched_ns;
	r->elapsed_ns += s->first_ns ? now_ns - s->first_ns : 0;
}

static void remove_process(struct instrument *r, struct process *p)
{
	pid_t left[REQUEST_PROCESSES];
	size_t i = 0, count = 0;

	while (i < r->count && r->sites[i]->pid != p->pid)
		i++;
	if (i == r->count)
		return;
	drain(r);
	settle(r, r->sites[i], clock_monotonic_ns());
	let_go(r, r->sites[i]->traps);
	request_program_drop(&r->program, p->pid);
	request_site_free(r->sites[i]);
	r->sites[i] = r->sites[--r->count];
	for (i = 0; i < r->count && count < REQUEST_PROCESSES; i++)
		left[count++] = r->sites[i]->pid;
	request_counts_remove(&r->counts, p->pid, left, count);
}

/* ---- uprobes ---- */

static bool is_wanted(const struct instrument *r, const struct request_site *s)
{
	return r->duty.want == DUTY_ALL || (r->duty.want == DUTY_ONE && s->pid == r->burst);
}

/* Some requests come between; the kernel counts them no more. */
static void note_placed(struct instrument *r, const struct trap_order *o)
{
	struct request_site *s = site_of(r, o->pid);

	if (!s) {
		let_go(r, o->traps);
		return;
	}
	s->wanted = false;
	s->refused = o->error;
	if (o->error)
		return;
	memcpy(s->traps, o->traps, sizeof(s->traps));
	s->placed_ns = o->done_ns;
	if (!s->first_ns)
		s->first_ns = o->done_ns;
}

/*
 * While an event is closed, hits cost what they did before and nobody counts them. A link takes its
 * uprobe out at once.
 */
static void note_closing(struct instrument *r)
{
	double watched_ns = (double)r->watched_ns;

	r->own_ns += r->traps.cpu_ns;
	for (size_t i = 0; i < r->count; i++)
		watched_ns += (double)r->sites[i]->watched_ns;
	if (r->program.kind == TRAP_EVENT && watched_ns > 0)
		r->closing_ns +=
			(uint64_t)((double)r->traps.closing_ns *
				   (double)(r->program.sums->begins + r->program.sums->ends) /
				   watched_ns * (double)r->program.trap_ns[r->step]);
}

static void collect(struct instrument *r)
{
	if (!request_traps_done(&r->traps))
		return;
	for (size_t i = 0; i < r->traps.count; i++)
		if (r->traps.orders[i].pid)
			note_placed(r, &r->traps.orders[i]);
	note_closing(r);
	r->traps.count = 0;
}

static void order_leaving(struct instrument *r)
{
	struct trap_order *o;

	while (r->leaving_count && (o = request_traps_order(&r->traps)))
		o->traps[0] = r->leaving[--r->leaving_count];
}

static void order_out(struct instrument *r, struct request_site *s, uint64_t now_ns)
{
	struct trap_order *o = request_traps_order(&r->traps);

	if (!o)
		return;
	memcpy(o->traps, s->traps, sizeof(o->traps));
	s->traps[0] = s->traps[1] = -1;
	s->watched_ns += now_ns - s->placed_ns;
	s->placed_ns = 0;
}

static void order_in(struct instrument *r, struct request_site *s)
{
	struct trap_order *o = request_traps_order(&r->traps);

	if (!o)
		return;
	o->fd = request_code_file(&s->code);
	o->offset[0] = s->code.begins;
	o->offset[1] = s->code.ends;
	/* Without a file the order takes out nothing. */
	if (o->fd < 0) {
		s->refused = EMFILE;
		return;
	}
	o->pid = s->pid;
	s->wanted = true;
}

/* True while something is on its way. */
static bool order(struct instrument *r, uint64_t now_ns)
{
	order_leaving(r);
	for (size_t i = 0; i < r->count; i++) {
		struct request_site *s = r->sites[i];
		bool stands = s->traps[0] >= 0;

		if (s->missing || s->refused || s->wanted || stands == is_wanted(r, s))
			continue;
		if (stands)
			order_out(r, s, now_ns);
		else
			order_in(r, s);
	}
	request_traps_start(&r->traps);
	return burst_thread_busy(&r->traps.thread);
}

/* ---- what it may cost ---- */

static uint64_t target_ns(const struct instrument *r)
{
	const struct request_sums *s = r->program.sums;

	return (s->begins + s->ends) * r->program.trap_ns[r->step] + s->run_ns + r->closing_ns;
}

/* Where nginx does not count them, as often as they were seen while they were watched. */
static double seen_rate(const struct instrument *r)
{
	uint64_t watched_ns = r->watched_ns;

	for (size_t i = 0; i < r->count; i++)
		watched_ns += r->sites[i]->watched_ns;
	return watched_ns ? (double)r->taken * (double)r->count / (double)watched_ns : -1;
}

static void count_requests(struct instrument *r, uint64_t now_ns)
{
	uint64_t before = r->counted;
	pid_t pids[REQUEST_PROCESSES];
	const char *missing;
	size_t n = 0;

	for (size_t i = 0; i < r->count && n < REQUEST_PROCESSES; i++)
		pids[n++] = r->sites[i]->pid;
	r->scope = request_counts_read(&r->counts, pids, n, &r->counted, &missing);
	if (r->scope == REQUESTS_NOT_COUNTED)
		r->rate = seen_rate(r);
	else if (r->counted_ns && r->counted >= before && now_ns > r->counted_ns)
		r->rate = (double)(r->counted - before) / (double)(now_ns - r->counted_ns);
	r->counted_ns = now_ns;
}

static double cost_of_all(const struct instrument *r)
{
	const struct request_sums *s = r->program.sums;
	double each;

	if (r->rate < 0 || !s->ends)
		return -1;
	each = 2.0 * (double)r->program.trap_ns[r->step] +
	       (double)(s->run_ns + r->drain_ns) / (double)s->ends;
	return r->rate * each;
}

static void choose(struct instrument *r, uint64_t now_ns)
{
	enum duty_want before = r->duty.want;
	struct duty_figures figures = {
		.cost_ns = target_ns(r) + r->own_ns,
		.allowed = (double)r->traced->percent / 100 * (double)r->count,
		.all = cost_of_all(r),
	};

	r->gaps |= duty_next(&r->duty, now_ns, &figures) != DUTY_ALL;
	if (r->duty.want != DUTY_ONE || before == DUTY_ONE)
		return;
	r->burst = 0;
	for (size_t i = 0; i < r->count && !r->burst; i++) {
		struct request_site *s = r->sites[r->turn++ % r->count];

		if (!s->missing && !s->refused)
			r->burst = s->pid;
	}
}

static bool learns(const struct instrument *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->sites[i]->place.whole)
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

	request_program_trap_ns(&r->program, r->step);
	collect(r);
	taken = drain(r);
	if (now_ns - r->counted_ns >= RATE_MS * MILLISECOND)
		count_requests(r, now_ns);
	choose(r, now_ns);
	busy = order(r, now_ns);
	wait_ns = pace(r, taken, busy);
	r->own_ns += clock_thread_cpu_ns() - cpu_ns;
	return now_ns + wait_ns;
}

static void end(struct instrument *r)
{
	r->duty.want = DUTY_NONE;
	do {
		request_traps_wait(&r->traps);
		collect(r);
	} while (order(r, clock_monotonic_ns()));
	drain(r);
	count_requests(r, clock_monotonic_ns());
}

static void close_requests(struct instrument *r)
{
	if (!r)
		return;
	end(r);
	request_traps_close(&r->traps);
	request_program_close(&r->program);
	for (size_t i = 0; i < r->count; i++)
		request_site_free(r->sites[i]);
	free(r->sites);
	request_counts_free(&r->counts);
	free(r);
}

/*
 * A burst is not measured by the clock, since its process is slower while it lasts: it is as long
 * as nginx takes for so many requests.
 */
static void fill_times(const struct instrument *r, struct instrument_state *out)
{
	uint64_t now_ns = clock_monotonic_ns(), watched_ns = r->watched_ns,
		 elapsed_ns = r->elapsed_ns;

	for (size_t i = 0; i < r->count; i++) {
		const struct request_site *s = r->sites[i];

		elapsed_ns += s->first_ns ? now_ns - s->first_ns : 0;
		watched_ns += s->watched_ns + (s->placed_ns ? now_ns - s->placed_ns : 0);
	}
	out->elapsed_us = elapsed_ns / 1000;
	out->watched_us = (watched_ns < elapsed_ns ? watched_ns : elapsed_ns) / 1000;
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
	out->lost_events = r->unrowed + r->program.sums->lost;
	out->events = r->taken + r->program.sums->lost;
	out->value = r->latency_us;
	out->requests = (double)out->events;
	out->target_ns = target_ns(r);
	out->cost_ns = out->target_ns + r->own_ns;
	out->bursts = r->duty.bursts;
	out->trap_ns = r->program.trap_ns[r->step];
	fill_times(r, out);
	for (size_t i = 0; i < r->count && !out->missing; i++)
		out->missing = r->sites[i]->refused ? refused : r->sites[i]->missing;
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
