/* SPDX-License-Identifier: MIT */
#include "instruments/trap_orders.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "host/usage.h"
#include "instruments/granted.h"

static void take_out(struct trap_order *o)
{
	for (int i = 0; i < TRAPS_AN_ORDER; i++) {
		if (o->traps[i] >= 0)
			close(o->traps[i]);
		o->traps[i] = -1;
	}
}

static void place_one(const struct trap_orders *t, struct trap_order *o, int i)
{
	int fd = o->fds[i] >= 0 ? o->fds[i] : o->fd;

	o->traps[i] =
		fd < 0 ? -EBADF : granted_trap(t->programs[i], t->kind, o->pid, fd, o->offset[i]);
	if (o->traps[i] >= 0)
		return;
	o->refused = -o->traps[i];
	if (i < t->needed)
		o->error = o->refused;
}

static void place(const struct trap_orders *t, struct trap_order *o)
{
	for (int i = 0; i < TRAPS_AN_ORDER && !o->error; i++)
		if (o->offset[i])
			place_one(t, o, i);
	if (o->error)
		take_out(o);
	for (int i = 0; i < TRAPS_AN_ORDER; i++)
		if (o->fds[i] >= 0)
			close(o->fds[i]);
	if (o->fd >= 0)
		close(o->fd);
}

static void carry_out(void *context)
{
	struct trap_orders *t = context;
	uint64_t cpu_ns = clock_thread_cpu_ns(), began;

	t->closing_ns = 0;
	for (size_t i = 0; i < t->count; i++) {
		struct trap_order *o = &t->orders[i];

		began = clock_monotonic_ns();
		if (o->pid)
			place(t, o);
		else
			take_out(o);
		o->done_ns = clock_monotonic_ns();
		if (!o->pid)
			t->closing_ns += o->done_ns - began;
	}
	t->cpu_ns = clock_thread_cpu_ns() - cpu_ns;
}

int trap_orders_open(struct trap_orders *t, enum trap_kind kind, const enum trap_program *programs,
		     int needed)
{
	memset(t, 0, sizeof(*t));
	t->programs = programs;
	t->needed = needed;
	t->kind = kind;
	return burst_thread_start(&t->thread, carry_out, t);
}

void trap_orders_close(struct trap_orders *t)
{
	burst_thread_stop(&t->thread);
}

struct trap_order *trap_orders_new(struct trap_orders *t)
{
	struct trap_order *o = &t->orders[t->count];

	if (burst_thread_busy(&t->thread) || t->count == TRAP_ORDERS_MAX)
		return NULL;
	*o = (struct trap_order){.fd = -1};
	memset(o->fds, -1, sizeof(o->fds));
	memset(o->traps, -1, sizeof(o->traps));
	t->count++;
	return o;
}

void trap_orders_start(struct trap_orders *t)
{
	if (t->count && !burst_thread_busy(&t->thread))
		burst_thread_begin(&t->thread);
}

bool trap_orders_done(struct trap_orders *t)
{
	if (!burst_thread_over(&t->thread))
		return false;
	burst_thread_take(&t->thread);
	return true;
}

void trap_orders_wait(struct trap_orders *t)
{
	burst_thread_wait(&t->thread);
}
