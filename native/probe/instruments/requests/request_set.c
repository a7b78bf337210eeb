/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "host/usage.h"

_Static_assert((int)REQUEST_TRAPS <= (int)TRAPS_AN_ORDER, "traps");

int request_set_open(struct request_set *set, const struct request_takers *takers,
		     struct failure *error)
{
	/*
	 * First where requests begin: then few end of which nobody knows when they did. Where
	 * subrequests cannot be watched, requests are.
	 */
	static const enum trap_program programs[TRAPS_AN_ORDER] = {
		[REQUEST_BEGINS] = TRAP_REQUEST_BEGINS,
		[REQUEST_ENDS] = TRAP_REQUEST_ENDS,
		[REQUEST_POSTED] = TRAP_REQUEST_POSTED,
		[REQUEST_PART_ENDS] = TRAP_REQUEST_PART_ENDS,
	};
	int result;

	set->step = TRAP_EMULATED;
	if (request_program_open(&set->program, takers, error))
		return -1;
	result = trap_orders_open(&set->traps, set->program.kind, programs, REQUEST_ENDS + 1);
	if (!result)
		return 0;
	error->kind = FAILURE_OTHER;
	error->detail = NULL;
	snprintf(
		error->text, sizeof(error->text),
		"The probe could not start a thread: %s. Requests are not watched; the CPU profile goes "
		"on without them.",
		strerror(-result));
	request_set_close(set);
	return -1;
}

void request_set_close(struct request_set *set)
{
	trap_orders_close(&set->traps);
	request_program_close(&set->program);
	while (set->count)
		request_site_free(set->sites[--set->count]);
	free(set->sites);
}

struct request_site *request_set_find(const struct request_set *set, pid_t pid)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->sites[i]->pid == pid)
			return set->sites[i];
	return NULL;
}

static void tell(struct request_set *set, struct request_site *s)
{
	request_site_place(s, set->texts);
	request_program_put(&set->program, s->pid, &s->place);
}

static bool is_same_build(const struct request_site *a, const struct request_site *b)
{
	return a->code.inode == b->code.inode && a->code.device == b->code.device;
}

/* Tells sites of the same executable what one worker shows. */
static void tell_alike(struct request_set *set, const struct request_site *from)
{
	for (size_t i = 0; i < set->count; i++) {
		struct request_site *s = set->sites[i];

		if (s->missing || !is_same_build(s, from))
			continue;
		s->layout = from->layout;
		tell(set, s);
	}
}

bool request_set_learn(struct request_set *set, const struct request_whole *w,
		       struct request_end *out)
{
	struct request_site *s = request_set_find(set, (pid_t)w->end.pid);
	bool was_whole = s && s->place.whole, known = s && request_site_learn(s, w, out);

	if (!s)
		*out = w->end;
	else if (!known)
		tell(set, s);
	else if (was_whole)
		tell_alike(set, s);
	return known;
}

void request_set_add(struct request_set *set, const struct process *p)
{
	struct request_site *s;

	if (!array_reserve(set->sites, set->capacity, set->count + 1, 8))
		return;
	s = request_site_new(p);
	if (!s)
		return;
	set->sites[set->count++] = s;
	if (s->missing)
		return;
	if (s->code.step == TRAP_STEPPED)
		set->step = TRAP_STEPPED;
	for (size_t i = 0; i + 1 < set->count; i++)
		if (request_site_known(set->sites[i]) && is_same_build(s, set->sites[i]))
			s->layout = set->sites[i]->layout;
	tell(set, s);
}

static void let_go(struct request_set *set, const int traps[REQUEST_TRAPS])
{
	for (int i = 0; i < REQUEST_TRAPS; i++)
		if (traps[i] >= 0 && set->leaving_count < REQUEST_LEAVING_MAX)
			set->leaving[set->leaving_count++] = traps[i];
}

static void settle(struct request_set *set, struct request_site *s, uint64_t now_ns)
{
	if (s->placed_ns)
		s->watched_ns += now_ns - s->placed_ns;
	s->placed_ns = 0;
	set->watched_ns += s->watched_ns;
	set->elapsed_ns += s->first_ns ? now_ns - s->first_ns : 0;
}

void request_set_remove(struct request_set *set, pid_t pid)
{
	size_t i = 0;

	while (i < set->count && set->sites[i]->pid != pid)
		i++;
	if (i == set->count)
		return;
	settle(set, set->sites[i], clock_monotonic_ns());
	let_go(set, set->sites[i]->traps);
	request_program_drop(&set->program, pid);
	request_site_free(set->sites[i]);
	set->sites[i] = set->sites[--set->count];
}

static void note_placed(struct request_set *set, const struct trap_order *o)
{
	struct request_site *s = request_set_find(set, o->pid);

	if (!s) {
		let_go(set, o->traps);
		return;
	}
	s->wanted = false;
	s->refused = o->error;
	if (o->error)
		return;
	for (int i = 0; i < REQUEST_TRAPS; i++)
		if (o->traps[i] >= 0)
			s->traps[i] = o->traps[i];
	if (s->placed_ns)
		return;
	s->placed_ns = o->done_ns;
	if (!s->first_ns)
		s->first_ns = o->done_ns;
}

struct request_watched request_set_watched(const struct request_set *set)
{
	struct request_watched t = {set->watched_ns, set->elapsed_ns};
	uint64_t now_ns = clock_monotonic_ns();

	for (size_t i = 0; i < set->count; i++) {
		const struct request_site *s = set->sites[i];

		t.elapsed_ns += s->first_ns ? now_ns - s->first_ns : 0;
		t.watched_ns += s->watched_ns + (s->placed_ns ? now_ns - s->placed_ns : 0);
	}
	return t;
}

/*
 * While an event is closed, hits cost what they did before and nobody counts them. A link takes its
 * uprobe out at once.
 */
static void note_closing(struct request_set *set)
{
	double watched_ns = (double)request_set_watched(set).watched_ns;

	set->own_ns += set->traps.cpu_ns;
	if (set->program.kind == TRAP_EVENT && watched_ns > 0)
		set->closing_ns += (uint64_t)((double)set->traps.closing_ns *
					      (double)request_hits(set->program.sums) / watched_ns *
					      (double)set->program.trap_ns[set->step]);
}

void request_set_collect(struct request_set *set)
{
	if (!trap_orders_done(&set->traps))
		return;
	for (size_t i = 0; i < set->traps.count; i++)
		if (set->traps.orders[i].pid)
			note_placed(set, &set->traps.orders[i]);
	note_closing(set);
	set->traps.count = 0;
}

static void order_leaving(struct request_set *set)
{
	struct trap_order *o;

	while (set->leaving_count && (o = trap_orders_new(&set->traps)))
		o->traps[0] = set->leaving[--set->leaving_count];
}

static void order_out(struct request_set *set, struct request_site *s, uint64_t now_ns)
{
	struct trap_order *o = trap_orders_new(&set->traps);

	if (!o)
		return;
	memcpy(o->traps, s->traps, sizeof(o->traps));
	memset(s->traps, -1, sizeof(s->traps));
	s->parts_tried = false;
	s->watched_ns += now_ns - s->placed_ns;
	s->placed_ns = 0;
}

/* The uprobes from `first` to `last`. */
static void order_in(struct request_set *set, struct request_site *s, enum request_trap first,
		     enum request_trap last)
{
	struct trap_order *o = trap_orders_new(&set->traps);

	if (!o)
		return;
	o->fd = request_code_file(&s->code);
	for (int i = first; i <= (int)last; i++)
		o->offset[i] = s->code.traps[i];
	/* Without a file the order takes out nothing. */
	if (o->fd < 0) {
		s->refused = EMFILE;
		return;
	}
	o->pid = s->pid;
	s->wanted = true;
	s->parts_tried = last == REQUEST_PART_ENDS;
}

/* Where there are subrequests, their ends are watched from now on. */
static void order_more(struct request_set *set, struct request_site *s, bool parts)
{
	if (parts && !s->parts_tried && s->code.traps[REQUEST_PART_ENDS])
		order_in(set, s, REQUEST_PART_ENDS, REQUEST_PART_ENDS);
}

bool request_set_order(struct request_set *set, bool all, pid_t one)
{
	uint64_t now_ns = clock_monotonic_ns();
	bool parts = set->program.sums->subrequests > 0;

	order_leaving(set);
	for (size_t i = 0; i < set->count; i++) {
		struct request_site *s = set->sites[i];
		bool stands = s->traps[REQUEST_BEGINS] >= 0, wanted = all || s->pid == one;

		if (s->missing || s->refused || s->wanted)
			continue;
		if (stands && wanted)
			order_more(set, s, parts);
		else if (stands)
			order_out(set, s, now_ns);
		else if (wanted)
			order_in(set, s, REQUEST_BEGINS,
				 parts ? REQUEST_PART_ENDS : REQUEST_POSTED);
	}
	trap_orders_start(&set->traps);
	return burst_thread_busy(&set->traps.thread);
}

uint64_t request_set_target_ns(const struct request_set *set)
{
	const struct request_sums *s = set->program.sums;

	return request_hits(s) * set->program.trap_ns[set->step] + s->run_ns + set->closing_ns;
}
