/* SPDX-License-Identifier: MIT */
#include "instruments/errors/error_set.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/array.h"
#include "host/failure.h"
#include "host/usage.h"

int error_set_open(struct error_set *set, struct failure *error)
{
	/* One program stands behind all of them. */
	static const enum trap_program programs[TRAPS_AN_ORDER] = {TRAP_ERROR, TRAP_ERROR,
								   TRAP_ERROR, TRAP_ERROR};
	int result;

	set->step = TRAP_EMULATED;
	if (error_program_open(&set->program, error))
		return -1;
	result = trap_orders_open(&set->traps, set->program.kind, programs, 0);
	if (!result)
		return 0;
	error->kind = FAILURE_OTHER;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text),
		 "The probe could not start a thread: %s. Exceptions and logs are not watched; the "
		 "CPU profile goes on without them.",
		 strerror(-result));
	error_set_close(set);
	return -1;
}

static void close_traps(const int traps[ERROR_KINDS])
{
	for (int i = 0; i < ERROR_KINDS; i++)
		if (traps[i] >= 0)
			close(traps[i]);
}

void error_set_close(struct error_set *set)
{
	trap_orders_close(&set->traps);
	error_set_collect(set);
	for (size_t i = 0; i < set->count; i++) {
		close_traps(set->processes[i]->traps);
		error_sites_close(&set->processes[i]->sites);
		free(set->processes[i]);
	}
	for (size_t i = 0; i < set->leaving_count; i++)
		close_traps(set->leaving[i]);
	error_program_close(&set->program);
	free(set->processes);
}

struct error_process *error_set_find(const struct error_set *set, pid_t pid)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->processes[i]->pid == pid)
			return set->processes[i];
	return NULL;
}

void error_set_add(struct error_set *set, pid_t pid)
{
	struct error_place place = {{0}};
	struct error_process *p;

	if (set->count == ERROR_PROCESSES || error_set_find(set, pid) ||
	    !array_reserve(set->processes, set->capacity, set->count + 1, 8))
		return;
	p = calloc(1, sizeof(*p));
	if (!p)
		return;
	p->pid = pid;
	memset(p->traps, -1, sizeof(p->traps));
	error_sites_find(pid, &p->sites);
	if (p->sites.step == TRAP_STEPPED)
		set->step = TRAP_STEPPED;
	for (int i = 0; i < ERROR_KINDS; i++)
		place.at[i] = p->sites.at[i].fd >= 0 ? p->sites.at[i].address : 0;
	error_program_put(&set->program, pid, &place);
	set->processes[set->count++] = p;
}

static void let_go(struct error_set *set, const int traps[ERROR_KINDS])
{
	if (set->leaving_count == ERROR_LEAVING_MAX)
		close_traps(traps);
	else
		memcpy(set->leaving[set->leaving_count++], traps, sizeof(set->leaving[0]));
}

void error_set_remove(struct error_set *set, pid_t pid)
{
	uint64_t now_ns = clock_monotonic_ns();
	struct error_process *p;
	size_t i = 0;

	while (i < set->count && set->processes[i]->pid != pid)
		i++;
	if (i == set->count)
		return;
	p = set->processes[i];
	set->watched_ns += p->watched_ns + (p->stands ? now_ns - p->placed_ns : 0);
	set->elapsed_ns += p->first_ns ? now_ns - p->first_ns : 0;
	if (p->stands)
		let_go(set, p->traps);
	error_program_drop(&set->program, pid);
	error_sites_close(&p->sites);
	free(p);
	set->processes[i] = set->processes[--set->count];
}

static void note_placed(struct error_set *set, const struct trap_order *o)
{
	struct error_process *p = error_set_find(set, o->pid);

	if (!p) {
		let_go(set, o->traps);
		return;
	}
	memcpy(p->traps, o->traps, sizeof(p->traps));
	p->wanted = false;
	p->stands = true;
	p->refused = o->refused;
	p->placed_ns = clock_monotonic_ns();
	if (!p->first_ns)
		p->first_ns = p->placed_ns;
}

/*
 * While an event is closed, hits cost what they did before and nobody counts them. A link takes its
 * uprobe out at once.
 */
static void note_closing(struct error_set *set)
{
	double watched_ns = (double)error_set_watched(set).watched_ns;

	set->own_ns += set->traps.cpu_ns;
	if (set->program.kind == TRAP_EVENT && watched_ns > 0)
		set->closing_ns += (uint64_t)((double)set->traps.closing_ns *
					      (double)error_hits(set->program.sums) / watched_ns *
					      (double)set->program.trap_ns[set->step]);
}

void error_set_collect(struct error_set *set)
{
	if (!trap_orders_done(&set->traps))
		return;
	for (size_t i = 0; i < set->traps.count; i++)
		if (set->traps.orders[i].pid)
			note_placed(set, &set->traps.orders[i]);
	note_closing(set);
	set->traps.count = 0;
}

static void order_leaving(struct error_set *set)
{
	struct trap_order *o;

	while (set->leaving_count && (o = trap_orders_new(&set->traps)))
		memcpy(o->traps, set->leaving[--set->leaving_count], sizeof(set->leaving[0]));
}

static void order_out(struct error_set *set, struct error_process *p)
{
	struct trap_order *o = trap_orders_new(&set->traps);

	if (!o)
		return;
	memcpy(o->traps, p->traps, sizeof(p->traps));
	memset(p->traps, -1, sizeof(p->traps));
	p->stands = false;
	p->watched_ns += clock_monotonic_ns() - p->placed_ns;
}

static void order_in(struct error_set *set, struct error_process *p)
{
	struct trap_order *o = trap_orders_new(&set->traps);

	if (!o)
		return;
	o->pid = p->pid;
	p->wanted = true;
	for (int i = 0; i < ERROR_KINDS; i++) {
		if (p->sites.at[i].fd < 0)
			continue;
		o->fds[i] = fcntl(p->sites.at[i].fd, F_DUPFD_CLOEXEC, 0);
		o->offset[i] = p->sites.at[i].offset;
	}
}

bool error_set_order(struct error_set *set, bool all, pid_t one)
{
	order_leaving(set);
	for (size_t i = 0; i < set->count; i++) {
		struct error_process *p = set->processes[i];
		bool wanted = all || p->pid == one;

		if (p->wanted || p->stands == wanted || (p->refused && !p->stands))
			continue;
		if (wanted)
			order_in(set, p);
		else
			order_out(set, p);
	}
	trap_orders_start(&set->traps);
	return burst_thread_busy(&set->traps.thread);
}

struct error_watched error_set_watched(const struct error_set *set)
{
	struct error_watched t = {set->watched_ns, set->elapsed_ns};
	uint64_t now_ns = clock_monotonic_ns();

	for (size_t i = 0; i < set->count; i++) {
		const struct error_process *p = set->processes[i];

		t.elapsed_ns += p->first_ns ? now_ns - p->first_ns : 0;
		t.watched_ns += p->watched_ns + (p->stands ? now_ns - p->placed_ns : 0);
	}
	return t;
}

uint64_t error_set_target_ns(const struct error_set *set)
{
	const struct error_sums *s = set->program.sums;

	return error_hits(s) * set->program.trap_ns[set->step] + s->run_ns + set->closing_ns;
}
