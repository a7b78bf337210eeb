/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/known_waits.h"

#include <stdlib.h>
#include <string.h>

#include "naming/id_map.h"

bool known_waits_open(struct known_waits *k)
{
	k->entries = calloc(KNOWN_WAITS, sizeof(*k->entries));
	k->moment = 1;
	return k->entries != NULL;
}

void known_waits_close(struct known_waits *k)
{
	free(k->entries);
	k->entries = NULL;
}

void known_waits_forget(struct known_waits *k)
{
	k->moment++;
}

static struct known_wait *entry_of(const struct known_waits *k, const struct parked *p)
{
	return &k->entries[id_map_key(p->thread, p->head.global) >> 1 & (KNOWN_WAITS - 1)];
}

static uint64_t print_of(const struct known_waits *k, const struct parked *p)
{
	return id_map_key(p->print, k->moment);
}

const struct known_wait *known_wait_of(const struct known_waits *k, const struct parked *p)
{
	const struct known_wait *w = entry_of(k, p);

	return w->thread == p->thread && w->print == print_of(k, p) ? w : NULL;
}

struct known_wait *known_wait_new(struct known_waits *k, const struct parked *p)
{
	struct known_wait *w = entry_of(k, p);

	*w = (struct known_wait){.thread = p->thread, .print = print_of(k, p)};
	return w;
}
