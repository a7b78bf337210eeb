/* SPDX-License-Identifier: MIT */
#include "instruments/errors/errors.h"

#include <stdlib.h>
#include <string.h>

#include "host/usage.h"
#include "instruments/errors/error_set.h"
#include "instruments/duty.h"
#include "instruments/walk_share.h"
#include "naming/process.h"
#include "unwind/missing.h"

#define MILLISECOND 1000000ULL

/* The ring buffer has room for some thousand events with their stacks. */
#define TICK_NS 10000000ULL

struct instrument {
	const struct traced *traced;
	struct error_set set;
	struct error_stacks stacks;
	struct error_rows rows;
	struct duty duty;
	size_t turn;		 /* whose burst is next */
	pid_t burst;		 /* whose it is; 0: nobody's */
	bool gaps;		 /* at times no process was watched */
	uint64_t taken, unnamed; /* events, and of these, those without a stack */
	uint64_t own_ns;	 /* CPU time of this instrument */
	/* Hits, and time that was watched, when the rate was last looked at; hits a nanosecond. */
	uint64_t rate_hits, rate_ns;
	double rate;
};

/* Makes rows of the event of a process that is open; `stack` NULL: it was lost. */
static void close_event(struct instrument *i, struct error_process *p,
			const struct error_stack *stack)
{
	static const struct error_stack none;

	if (!p->is_open)
		return;
	p->is_open = false;
	i->taken++;
	if (!stack)
		i->unnamed++;
	error_rows_add(&i->rows, &p->last, &p->open, stack ? stack : &none);
}

static void take_sample(struct instrument *i, const struct taken_sample *sample)
{
	const struct sample *head = sample->head;
	struct error_process *own = error_set_find(&i->set, (pid_t)head->pid);
	struct process *p = traced_process(i->traced, (pid_t)head->pid);
	struct error_stack stack;

	if (head->native && unwind_lacks_tables(head->native_state))
		missing_note(i->traced->share->missing, (pid_t)head->pid,
			     sample->native[head->native - 1]);
	if (!own || !p || !own->is_open || head->value != own->open.serial ||
	    head->tid != own->open.tid)
		return;
	stack = error_stack_of(&i->stacks, p, sample);
	close_event(i, own, &stack);
}

static void take(void *context, const struct error_event *event, const struct taken_sample *sample)
{
	struct instrument *i = context;
	struct error_process *p;

	if (sample) {
		take_sample(i, sample);
		return;
	}
	p = error_set_find(&i->set, (pid_t)event->pid);
	if (!p) {
		i->taken++;
		i->rows.lost++;
		return;
	}
	close_event(i, p, NULL);
	p->open = *event;
	p->is_open = true;
}

/* An event that came just now may still be walked. */
static void settle(struct instrument *i, struct error_process *p, bool all)
{
	if (p->is_open && (all || p->open.serial == p->waited))
		close_event(i, p, NULL);
	p->waited = p->open.serial;
	error_rows_settle(&i->rows, &p->last, all);
}

static void drain(struct instrument *i, bool all)
{
	error_stacks_begin(&i->stacks);
	error_program_drain(&i->set.program);
	for (size_t k = 0; k < i->set.count; k++)
		settle(i, i->set.processes[k], all);
}

static struct instrument *open_errors(const struct traced *traced, struct failure *error)
{
	struct instrument *i = calloc(1, sizeof(*i));

	if (!i) {
		failure_no_memory(error);
		return NULL;
	}
	i->traced = traced;
	i->rate = -1;
	i->set.program.take = take;
	i->set.program.context = i;
	duty_begin(&i->duty);
	error_rows_init(&i->rows, traced->model);
	if (!traced->share)
		instrument_needs_bpf(error, "Exceptions", "BPF and uprobes");
	else if (!error_stacks_init(&i->stacks, traced))
		failure_no_memory(error);
	else if (!error_set_open(&i->set, error))
		return i;
	error_stacks_free(&i->stacks);
	error_rows_free(&i->rows);
	free(i);
	return NULL;
}

static void add_process(struct instrument *i, struct process *p)
{
	error_set_add(&i->set, p->pid);
}

static void remove_process(struct instrument *i, struct process *p)
{
	struct error_process *own;

	drain(i, false);
	own = error_set_find(&i->set, p->pid);
	if (own)
		settle(i, own, true);
	error_set_remove(&i->set, p->pid);
}

/* ---- what it may cost ---- */

static uint64_t cost_ns(const struct instrument *i)
{
	return error_set_target_ns(&i->set) + i->set.own_ns + i->own_ns;
}

/* Of one process, while it was watched lately. */
static void note_rate(struct instrument *i)
{
	uint64_t hits = error_hits(i->set.program.sums),
		 watched_ns = error_set_watched(&i->set).watched_ns;

	if (watched_ns - i->rate_ns < 10 * MILLISECOND)
		return;
	i->rate = (double)(hits - i->rate_hits) / (double)(watched_ns - i->rate_ns);
	i->rate_hits = hits;
	i->rate_ns = watched_ns;
}

/* CPU time a time that it would take to watch all processes; negative: not known. */
static double cost_of_all(const struct instrument *i)
{
	uint64_t hits = error_hits(i->set.program.sums);

	if (i->rate < 0 || !hits)
		return i->rate;
	return i->rate * (double)i->set.count * (double)cost_ns(i) / (double)hits;
}

static void choose(struct instrument *i, uint64_t now_ns)
{
	enum duty_want before = i->duty.want;
	struct duty_figures figures = {
		.cost_ns = cost_ns(i),
		.allowed = (double)i->traced->percent / 100 * (double)i->set.count,
		.all = cost_of_all(i),
	};

	i->gaps |= duty_next(&i->duty, now_ns, &figures) != DUTY_ALL;
	if (i->duty.want != DUTY_ONE || before == DUTY_ONE || !i->set.count)
		return;
	i->burst = i->set.processes[i->turn++ % i->set.count]->pid;
}

static uint64_t tick(struct instrument *i, uint64_t now_ns)
{
	uint64_t cpu_ns = clock_thread_cpu_ns();

	error_program_trap_ns(&i->set.program, i->set.step);
	error_set_collect(&i->set);
	drain(i, false);
	note_rate(i);
	choose(i, now_ns);
	error_set_order(&i->set, i->duty.want == DUTY_ALL, i->duty.want == DUTY_ONE ? i->burst : 0);
	i->own_ns += clock_thread_cpu_ns() - cpu_ns;
	return now_ns + TICK_NS;
}

static void end(struct instrument *i)
{
	i->duty.want = DUTY_NONE;
	do {
		burst_thread_wait(&i->set.traps.thread);
		error_set_collect(&i->set);
	} while (error_set_order(&i->set, false, 0));
	drain(i, true);
}

static void close_errors(struct instrument *i)
{
	if (!i)
		return;
	end(i);
	error_set_close(&i->set);
	error_stacks_free(&i->stacks);
	error_rows_free(&i->rows);
	free(i);
}

static void state(const struct instrument *i, struct instrument_state *out)
{
	static const char refused[] =
		"The kernel did not place a probe in a process, so not all that goes wrong in it is "
		"watched.";
	struct error_watched t = error_set_watched(&i->set);
	const struct error_sums *s = i->set.program.sums;

	memset(out, 0, sizeof(*out));
	out->elapsed_us = t.elapsed_ns / 1000;
	out->watched_us =
		i->gaps && t.watched_ns < t.elapsed_ns ? t.watched_ns / 1000 : out->elapsed_us;
	out->events = i->taken + s->lost;
	out->value = i->taken;
	out->lost_events = s->lost + i->rows.lost;
	out->lost_value = i->unnamed;
	out->target_ns = error_set_target_ns(&i->set);
	out->cost_ns = cost_ns(i);
	out->bursts = i->duty.bursts;
	out->trap_ns = i->set.program.trap_ns[i->set.step];
	for (size_t k = 0; k < i->set.count && !out->missing; k++)
		out->missing = i->set.processes[k]->refused
				       ? refused
				       : error_sites_missing(&i->set.processes[k]->sites);
}

const struct instrument_ops errors_instrument = {
	.id = "errors",
	.open = open_errors,
	.add = add_process,
	.remove = remove_process,
	.tick = tick,
	.end = end,
	.close = close_errors,
	.state = state,
};
