/* SPDX-License-Identifier: MIT */
#include "instruments/duty.h"

#include <string.h>

#define MILLISECOND 1000000ULL
/* More than the budget may be used for so long before bursts begin: a peak passes. */
#define PATIENCE_NS (2000 * MILLISECOND)
/* How far apart bursts shall be, the longest that one takes, and the shortest gap. */
#define APART_NS (2000 * MILLISECOND)
#define LONGEST_NS (1000 * MILLISECOND)
#define GAP_NS (100 * MILLISECOND)
/* Of a gap: bursts must not beat with the load. */
#define JITTER 0.5
/* All events are watched again when that would take this part of the budget. */
#define ENOUGH 0.7

void duty_begin(struct duty *d)
{
	memset(d, 0, sizeof(*d));
	d->want = DUTY_ALL;
	chance_begin(&d->chance);
}

static void save(struct duty *d, uint64_t now_ns, const struct duty_figures *f)
{
	double most = f->allowed * (double)(d->want == DUTY_ALL ? PATIENCE_NS : APART_NS);

	if (!d->seen_ns)
		d->saved_ns = most;
	else
		d->saved_ns += f->allowed * (double)(now_ns - d->seen_ns) -
			       (double)(f->cost_ns - d->cost_ns);
	if (d->saved_ns > most)
		d->saved_ns = most;
	d->seen_ns = now_ns;
	d->cost_ns = f->cost_ns;
}

static void wait_for_next(struct duty *d, uint64_t now_ns, const struct duty_figures *f)
{
	double gap = 0;

	d->want = DUTY_NONE;
	d->price_ns = f->allowed * (double)APART_NS;
	if (f->allowed > 0 && d->price_ns > d->saved_ns)
		gap = (d->price_ns - d->saved_ns) / f->allowed;
	if (gap < (double)GAP_NS)
		gap = (double)GAP_NS;
	d->due_ns = now_ns + (uint64_t)(gap * (1 + JITTER * chance_part(&d->chance)));
}

static void begin_burst(struct duty *d, uint64_t now_ns, const struct duty_figures *f)
{
	d->want = DUTY_ONE;
	d->bursts++;
	d->burst_began_ns = f->cost_ns;
	d->until_ns = now_ns + LONGEST_NS;
}

enum duty_want duty_next(struct duty *d, uint64_t now_ns, const struct duty_figures *f)
{
	save(d, now_ns, f);
	switch (d->want) {
	case DUTY_ALL:
		if (d->saved_ns < 0)
			wait_for_next(d, now_ns, f);
		break;
	case DUTY_ONE:
		if (now_ns >= d->until_ns ||
		    (double)(f->cost_ns - d->burst_began_ns) >= d->price_ns)
			wait_for_next(d, now_ns, f);
		break;
	case DUTY_NONE:
		if (f->all >= 0 && f->all < f->allowed * ENOUGH && d->saved_ns >= 0)
			d->want = DUTY_ALL;
		else if (now_ns >= d->due_ns)
			begin_burst(d, now_ns, f);
	}
	return d->want;
}
