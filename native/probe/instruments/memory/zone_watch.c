/* SPDX-License-Identifier: MIT */
#include "instruments/memory/zone_watch.h"

#include <stdlib.h>

#include "host/usage.h"

enum {
	EVERY_MS = 3000,
	/* Rests for as many times as long as a look took. */
	REST = 500,
};

const struct zones *zone_watch_look(struct zone_watch *w, pid_t pid, uint64_t now_ms)
{
	uint64_t began, rest;

	if (pid == w->pid && now_ms < w->due_ms)
		return NULL;
	if (!w->zones)
		w->zones = malloc(sizeof(*w->zones));
	if (!w->zones)
		return NULL;
	if (pid != w->pid)
		w->variable = 0;
	w->pid = pid;
	began = clock_monotonic_ns();
	zones_read(pid, &w->variable, w->zones);
	rest = (clock_monotonic_ns() - began) / 1000000 * REST;
	w->due_ms = now_ms + (rest > EVERY_MS ? rest : EVERY_MS);
	return w->zones;
}

void zone_watch_free(struct zone_watch *w)
{
	free(w->zones);
}
