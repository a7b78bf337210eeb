/* SPDX-License-Identifier: MIT */
#include "instruments/errors/error_traps.h"

#include <string.h>
#include <unistd.h>

#include "host/usage.h"
#include "instruments/granted.h"

static void take_out(struct error_order *o)
{
	for (int i = 0; i < ERROR_KINDS; i++) {
		if (o->traps[i] >= 0)
			close(o->traps[i]);
		o->traps[i] = -1;
	}
}

/* Where one is refused, the others stand. */
static void place(const struct error_traps *t, struct error_order *o)
{
	for (int i = 0; i < ERROR_KINDS; i++) {
		if (o->fds[i] < 0)
			continue;
		o->traps[i] = granted_trap(TRAP_ERROR, t->kind, o->pid, o->fds[i], o->offsets[i]);
		if (o->traps[i] < 0)
			o->error = -o->traps[i];
		close(o->fds[i]);
	}
}

static void carry_out(void *context)
{
	struct error_traps *t = context;
	uint64_t cpu_ns = clock_thread_cpu_ns(), began;

	t->closing_ns = 0;
	for (size_t i = 0; i < t->count; i++) {
		if (t->orders[i].pid) {
			place(t, &t->orders[i]);
			continue;
		}
		began = clock_monotonic_ns();
		take_out(&t->orders[i]);
		t->closing_ns += clock_monotonic_ns() - began;
	}
	t->cpu_ns = clock_thread_cpu_ns() - cpu_ns;
}

int error_traps_open(struct error_traps *t, enum trap_kind kind)
{
	memset(t, 0, sizeof(*t));
	t->kind = kind;
	return burst_thread_start(&t->thread, carry_out, t);
}

void error_traps_close(struct error_traps *t)
{
	burst_thread_stop(&t->thread);
}

struct error_order *error_traps_order(struct error_traps *t)
{
	struct error_order *o = &t->orders[t->count];

	if (burst_thread_busy(&t->thread) || t->count == ERROR_ORDERS_MAX)
		return NULL;
	*o = (struct error_order){.pid = 0};
	memset(o->fds, -1, sizeof(o->fds));
	memset(o->traps, -1, sizeof(o->traps));
	t->count++;
	return o;
}

void error_traps_start(struct error_traps *t)
{
	if (t->count && !burst_thread_busy(&t->thread))
		burst_thread_begin(&t->thread);
}

bool error_traps_done(struct error_traps *t)
{
	if (!burst_thread_over(&t->thread))
		return false;
	burst_thread_take(&t->thread);
	return true;
}
