/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_times.h"

#include <time.h>

#define MILLISECOND_NS 1000000LL
#define SECOND_NS 1000000000LL
/* nginx's clock stands still while an iteration of its loop lasts, hardly ever for longer. */
#define LONGEST_ITERATION_NS (60 * SECOND_NS)
/* The two clocks are not read at the same time. */
#define TOLERANCE_NS 20000LL
/* One that was taken up within this time did not wait. */
#define WAIT_NS MILLISECOND_NS

static int64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

void request_clock_read(struct request_clock *c)
{
	int64_t before = now_ns(CLOCK_MONOTONIC), date = now_ns(CLOCK_REALTIME);
	struct timespec tick = {0};

	c->date_ns = date - (before + now_ns(CLOCK_MONOTONIC)) / 2;
	if (!c->tick_ns && !clock_getres(CLOCK_MONOTONIC_COARSE, &tick))
		c->tick_ns = (uint64_t)tick.tv_nsec;
}

void request_clock_note(struct request_clock *c, const struct request_end *e)
{
	int64_t phase = (int64_t)(e->begin_ns - e->begin_ticks * c->tick_ns);

	if (!e->begin_ns || (c->phased && phase >= c->phase_ns))
		return;
	c->phase_ns = phase;
	c->phased = true;
}

/*
 * While a worker is blocked, requests wait in their sockets. The kernel knows when their data came,
 * of one in parts the last part, by its ticks: it counts where it is certain that one has waited.
 * 0: it is not. With the data most clients acknowledge the answer before: if something was
 * acknowledged in the same tick, it was then.
 */
static int64_t arrived_ns(const struct request_end *e, const struct request_clock *c)
{
	int64_t tick = (int64_t)c->tick_ns, from, acknowledged;

	if (e->waited_ticks <= 0 || !c->phased)
		return 0;
	from = c->phase_ns + (int64_t)(e->begin_ticks - (uint64_t)e->waited_ticks) * tick;
	if (from + tick + WAIT_NS >= (int64_t)e->begin_ns)
		return 0;
	acknowledged = (int64_t)e->acknowledged_us * 1000;
	if (e->acknowledged_us < INT64_MAX / 1000 && acknowledged >= from - TOLERANCE_NS &&
	    acknowledged <= from + tick)
		return acknowledged;
	return from + tick / 2;
}

/*
 * nginx notes the millisecond in which its loop took up work, the request among it: when others of
 * the same iteration came first, the request has waited for them since. Within that millisecond,
 * when it was made says it better than the middle does.
 */
uint64_t request_start_ns(const struct request_end *e, const struct request_clock *c)
{
	int64_t start, begin = (int64_t)e->begin_ns, arrived;

	if (!e->known || e->start_ms > INT64_MAX / MILLISECOND_NS)
		return e->begin_ns;
	start = (int64_t)e->start_ms * MILLISECOND_NS - c->date_ns;
	/* It was made before: another request, which ended unseen. */
	if (!begin || begin + TOLERANCE_NS < start)
		return start > 0 ? (uint64_t)(start + MILLISECOND_NS / 2) : 0;
	/* The date was set since. */
	if (begin - start > LONGEST_ITERATION_NS)
		return e->begin_ns;
	start = begin < start + MILLISECOND_NS ? begin : start + MILLISECOND_NS / 2;
	arrived = arrived_ns(e, c);
	if (arrived && arrived < start && start - arrived < LONGEST_ITERATION_NS)
		start = arrived;
	return (uint64_t)start;
}

/* Both of the log's times are cut to milliseconds: a difference of less is not left out. */
uint64_t request_hidden_us(const struct request_end *e, uint64_t latency_us)
{
	enum { MILLISECOND_US = 1000 };
	uint64_t logged_us;

	if (!e->known || !e->logged_ms || e->logged_ms < e->start_ms)
		return 0;
	logged_us = (e->logged_ms - e->start_ms) * MILLISECOND_US;
	return latency_us >= logged_us + MILLISECOND_US ? latency_us - logged_us : 0;
}
