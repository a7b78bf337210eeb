/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_traps.h"

#include <string.h>
#include <unistd.h>

#include "host/usage.h"
#include "instruments/granted.h"

static void take_out(struct trap_order *o)
{
	for (int i = 0; i < REQUEST_TRAPS; i++) {
		if (o->traps[i] >= 0)
			close(o->traps[i]);
		o->traps[i] = -1;
	}
}

/*
 * First where requests begin: then few end of which nobody knows when they did. Where subrequests
 * cannot be watched, requests are.
 */
static void place(const struct request_traps *t, struct trap_order *o)
{
	static const enum trap_program programs[REQUEST_TRAPS] = {
		[REQUEST_BEGINS] = TRAP_REQUEST_BEGINS,
		[REQUEST_ENDS] = TRAP_REQUEST_ENDS,
		[REQUEST_POSTED] = TRAP_REQUEST_POSTED,
		[REQUEST_PART_ENDS] = TRAP_REQUEST_PART_ENDS,
	};

	for (int i = 0; i < REQUEST_TRAPS && !o->error; i++) {
		if (!o->offset[i])
			continue;
		o->traps[i] = granted_trap(programs[i], t->kind, o->pid, o->fd, o->offset[i]);
		if (o->traps[i] < 0 && i <= REQUEST_ENDS)
			o->error = -o->traps[i];
	}
	if (o->error)
		take_out(o);
	close(o->fd);
}

static void carry_out(void *context)
{
	struct request_traps *t = context;
	uint64_t cpu_ns = clock_thread_cpu_ns(), began;

	t->closing_ns = 0;
	for (size_t i = 0; i < t->count; i++) {
		struct trap_order *o = &t->orders[i];

		began = clock_monotonic_ns();
		if (o->fd >= 0)
			place(t, o);
		else
			take_out(o);
		o->done_ns = clock_monotonic_ns();
		if (o->fd < 0)
			t->closing_ns += o->done_ns - began;
	}
	t->cpu_ns = clock_thread_cpu_ns() - cpu_ns;
}

int request_traps_open(struct request_traps *t, enum trap_kind kind)
{
	memset(t, 0, sizeof(*t));
	t->kind = kind;
	return burst_thread_start(&t->thread, carry_out, t);
}

void request_traps_close(struct request_traps *t)
{
	burst_thread_stop(&t->thread);
}

struct trap_order *request_traps_order(struct request_traps *t)
{
	struct trap_order *o = &t->orders[t->count];

	if (burst_thread_busy(&t->thread) || t->count == TRAP_ORDERS_MAX)
		return NULL;
	*o = (struct trap_order){.fd = -1};
	memset(o->traps, -1, sizeof(o->traps));
	t->count++;
	return o;
}

void request_traps_start(struct request_traps *t)
{
	if (t->count && !burst_thread_busy(&t->thread))
		burst_thread_begin(&t->thread);
}

bool request_traps_done(struct request_traps *t)
{
	if (!burst_thread_over(&t->thread))
		return false;
	burst_thread_take(&t->thread);
	return true;
}

void request_traps_wait(struct request_traps *t)
{
	burst_thread_wait(&t->thread);
}
