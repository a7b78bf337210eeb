/* SPDX-License-Identifier: MIT */
/* modules: instruments/requests/request_times.c instruments/duty.c */
/* When a request began, what its log leaves out, and when its process is watched. */
#include <stdlib.h>

#include "check.h"
#include "instruments/duty.h"
#include "instruments/requests/request_times.h"

#define MS 1000000ULL
/* The date at CLOCK_MONOTONIC 0. */
#define DATE (1700000000000ULL * MS)

#define TICK (4 * MS)
/* A tick is at 100 ms of CLOCK_MONOTONIC. */
#define PHASE (-1000 * (int64_t)TICK)

static const struct request_clock clock = {(int64_t)DATE, TICK, PHASE, true};

/* In milliseconds of CLOCK_MONOTONIC; `arrived_us` 0: the kernel does not say it. */
static struct request_end end_of(uint64_t start_ms, uint64_t begin_us, uint64_t arrived_us)
{
	struct request_end e = {
		.known = 1,
		.start_ms = DATE / MS + start_ms,
		.begin_ns = begin_us * 1000,
		.begin_ticks = (begin_us * 1000 - (uint64_t)PHASE) / TICK,
		.waited_ticks = -1,
	};

	if (arrived_us)
		e.waited_ticks =
			(int32_t)(e.begin_ticks - (arrived_us * 1000 - (uint64_t)PHASE) / TICK);
	return e;
}

static uint64_t start_us(uint64_t start_ms, uint64_t begin_us, uint64_t arrived_us)
{
	struct request_end e = end_of(start_ms, begin_us, arrived_us);

	return request_start_ns(&e, &clock) / 1000;
}

static void begins_when_it_came(void)
{
	struct request_end e = end_of(100, 0, 0);

	/* Nobody saw it begin: in the middle of nginx's millisecond. */
	CHECK(start_us(100, 0, 0) == 100500);
	CHECK(start_us(100, 100300, 0) == 100300);
	/* Others of the same iteration came first. */
	CHECK(start_us(100, 130000, 0) == 100500);
	/* It waited in its socket, since some moment between two ticks. */
	CHECK(start_us(100, 100300, 80100) == 82000);
	CHECK(start_us(100, 100300, 83900) == 82000);
	CHECK(start_us(102, 102300, 99000) == 98000);
	/* It may have come just before the last tick. */
	CHECK(start_us(100, 100300, 99000) == 100300);
	CHECK(start_us(100, 100300, 100290) == 100300);
	/* Later data of the same connection. */
	CHECK(start_us(100, 130000, 120000) == 100500);
	/* The begin that was seen is of an older request of the same connection. */
	CHECK(start_us(100, 90000, 80000) == 100500);
	/* The date was set since. */
	CHECK(start_us(100, 100000000, 0) == 100000000);
	/* Nothing but the begin is known. */
	e.known = 0;
	CHECK(request_start_ns(&e, &clock) == 0);
	e.begin_ns = 5;
	CHECK(request_start_ns(&e, &clock) == 5);
	/* A time that no nginx says. */
	e.known = 1;
	e.start_ms = UINT64_MAX;
	CHECK(request_start_ns(&e, &clock) == 5);
}

static void learns_when_ticks_are(void)
{
	struct request_clock c = {0};
	struct request_end e;

	request_clock_read(&c);
	CHECK(c.tick_ns >= MS / 2 && c.tick_ns <= 10 * MS && c.date_ns > 0 && !c.phased);
	c.tick_ns = TICK;
	for (uint64_t us = 100000; us < 200000; us += 700) {
		e = end_of(0, us, 0);
		request_clock_note(&c, &e);
		CHECK(c.phased && c.phase_ns >= PHASE);
	}
	CHECK(c.phase_ns < PHASE + (int64_t)MS);
}

static void hides_what_the_log_leaves_out(void)
{
	struct request_end e = end_of(100, 0, 0);

	CHECK(request_hidden_us(&e, 30000) == 0);
	e.logged_ms = e.start_ms;
	CHECK(request_hidden_us(&e, 30000) == 30000);
	CHECK(request_hidden_us(&e, 999) == 0);
	e.logged_ms = e.start_ms + 20;
	CHECK(request_hidden_us(&e, 20900) == 0);
	CHECK(request_hidden_us(&e, 19100) == 0);
	CHECK(request_hidden_us(&e, 21000) == 1000);
	e.logged_ms = e.start_ms - 1;
	CHECK(request_hidden_us(&e, 21000) == 0);
}

/* A number of CPU time a time that watching costs while it is done. */
struct day {
	double cost_of_one, cost_of_all, allowed;
	uint64_t cost_ns, watched[3];
	uint64_t shortest_ns, longest_ns; /* gaps between bursts */
};

static void live(struct day *day, double seconds)
{
	const uint64_t step = 10 * MS;
	enum duty_want want = DUTY_ALL, before;
	uint64_t gap_ns = 0;
	struct duty d;

	duty_begin(&d);
	day->shortest_ns = UINT64_MAX;
	for (uint64_t now = step; now < (uint64_t)(seconds * 1e9); now += step) {
		struct duty_figures f = {day->cost_ns, day->allowed, day->cost_of_all};

		before = want;
		want = duty_next(&d, now, &f);
		day->watched[want] += step;
		day->cost_ns += (uint64_t)((double)step * (want == DUTY_ALL   ? day->cost_of_all
							   : want == DUTY_ONE ? day->cost_of_one
									      : 0));
		gap_ns = want == DUTY_NONE ? gap_ns + step : 0;
		if (before == DUTY_NONE && want == DUTY_ONE)
			day->shortest_ns = gap_ns < day->shortest_ns ? gap_ns : day->shortest_ns;
		day->longest_ns = gap_ns > day->longest_ns ? gap_ns : day->longest_ns;
	}
}

static void watches_what_it_may(void)
{
	struct day cheap = {.cost_of_one = 0.002, .cost_of_all = 0.004, .allowed = 0.01};
	struct day dear = {.cost_of_one = 0.2, .cost_of_all = 0.4, .allowed = 0.01};

	live(&cheap, 60);
	CHECK(!cheap.watched[DUTY_NONE] && !cheap.watched[DUTY_ONE]);
	live(&dear, 600);
	CHECK((double)dear.cost_ns < 600e9 * 0.01 * 1.02);
	CHECK((double)dear.cost_ns > 600e9 * 0.01 * 0.6);
	CHECK(dear.watched[DUTY_ONE] > dear.watched[DUTY_ALL]);
	/* They do not beat with the load. */
	CHECK(dear.longest_ns > dear.shortest_ns + 100 * MS);
}

static void goes_back_to_all(void)
{
	struct duty d;
	struct duty_figures f = {0, 0.01, 0.4};
	uint64_t now = 10 * MS;

	duty_begin(&d);
	while (duty_next(&d, now, &f) == DUTY_ALL && now < 100000 * MS) {
		now += 10 * MS;
		f.cost_ns += 4 * MS;
	}
	CHECK(d.want == DUTY_NONE);
	f.all = 0.005;
	for (int i = 0; i < 2000 && duty_next(&d, now, &f) != DUTY_ALL; i++)
		now += 10 * MS;
	CHECK(d.want == DUTY_ALL);
}

int main(void)
{
	RUN(begins_when_it_came());
	RUN(learns_when_ticks_are());
	RUN(hides_what_the_log_leaves_out());
	RUN(watches_what_it_may());
	RUN(goes_back_to_all());
	return CHECKS_RESULT;
}
