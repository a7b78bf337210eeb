/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_times.h"

#define MILLISECOND_NS 1000000LL
/* nginx's clock stands still while an iteration of its loop lasts, hardly ever for longer. */
#define LONGEST_ITERATION_NS (60000 * MILLISECOND_NS)
/* The two clocks are not read at the same time. */
#define CLOCK_TOLERANCE_NS 20000LL

/*
 * nginx notes the millisecond in which its loop took up work, the request among it: when others of
 * the same iteration came first, the request has waited for them since. Within that millisecond,
 * when it was made says it better than the middle does. While a worker is blocked, requests wait in
 * their sockets: the last packet that came before one was made is its own; of one sent in parts the
 * last part, and over HTTP/2, where the connection has others, perhaps a later one's.
 */
uint64_t request_start_ns(const struct request_end *e, int64_t date_ns)
{
	int64_t start, begin = (int64_t)e->begin_ns, arrived = (int64_t)e->arrived_ns;

	if (!e->known || e->start_ms > INT64_MAX / MILLISECOND_NS)
		return e->begin_ns;
	start = (int64_t)e->start_ms * MILLISECOND_NS - date_ns;
	/* What was made sooner is another request, whose end nobody saw. */
	if (!begin || begin + CLOCK_TOLERANCE_NS < start)
		return start > 0 ? (uint64_t)(start + MILLISECOND_NS / 2) : 0;
	/* The date was set since. */
	if (begin - start > LONGEST_ITERATION_NS)
		return e->begin_ns;
	start = begin < start + MILLISECOND_NS ? begin : start + MILLISECOND_NS / 2;
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
