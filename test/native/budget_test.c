/* SPDX-License-Identifier: MIT */
/* modules: commands/budget.c */
#include "check.h"

#include "commands/budget.h"

/* A trace that costs `base` percent and so much a hertz while its worker is busy. */
struct world {
	struct budget budget;
	uint32_t rate_hz, changes, ups;
	float base, per_hz, allowed;
	float starting; /* of the base, in the kernel's programs there is none of it */
};

static struct world world(uint32_t asked_hz, float base, float per_hz, float allowed)
{
	struct world w = {.rate_hz = asked_hz, .base = base, .per_hz = per_hz, .allowed = allowed};

	budget_init(&w.budget, asked_hz);
	return w;
}

static float cost(const struct world *w, float load)
{
	return w->base + w->per_hz * (float)w->rate_hz * load;
}

static void pass(struct world *w, int seconds, float load)
{
	while (seconds-- > 0) {
		uint32_t next = budget_rate(&w->budget, w->rate_hz, cost(w, load) + w->starting,
					    cost(w, load) - w->base, w->allowed);

		w->changes += next != w->rate_hz;
		w->ups += next > w->rate_hz;
		w->rate_hz = next;
	}
}

static void lowers_until_it_fits(void)
{
	struct world w = world(4999, 0.05f, 0.001f, 0.3f);

	pass(&w, 20, 1);
	CHECK(cost(&w, 1) <= 0.3f);
	/* Not much lower than need be. */
	CHECK(cost(&w, 1) > 0.2f);
	CHECK(w.ups == 0);
	pass(&w, 600, 1);
	CHECK(w.changes <= 3);
}

static void stays_where_it_fits(void)
{
	struct world w = world(999, 0.05f, 0.0002f, 1);

	pass(&w, 1000, 1);
	CHECK(w.rate_hz == 999 && !w.changes);
	w = world(999, 5, 1, 0);
	pass(&w, 10, 1);
	CHECK(w.rate_hz == 999);
}

static void does_not_heed_a_single_second(void)
{
	struct world w = world(999, 0.05f, 0.0002f, 1);

	for (int i = 0; i < 20; i++) {
		CHECK(budget_rate(&w.budget, 999, 30, 30, 1) == 999);
		CHECK(budget_rate(&w.budget, 999, 0.2f, 0.1f, 1) == 999);
	}
}

static void comes_back_when_there_is_room(void)
{
	struct world w = world(999, 0.05f, 0.005f, 1);

	pass(&w, 30, 1);
	CHECK(w.rate_hz < 200);
	pass(&w, 60, 0.01f);
	CHECK(w.rate_hz == 999);
}

static void goes_no_lower_than_the_lowest(void)
{
	struct world w = world(999, 2, 0.01f, 1);

	pass(&w, 100, 1);
	CHECK(w.rate_hz == BUDGET_LOWEST_HZ);
	w = world(5, 2, 0.01f, 1);
	pass(&w, 100, 1);
	CHECK(w.rate_hz == 5);
}

/* A load that comes and goes must not make the rate come and go with it for ever. */
static void does_not_flap(void)
{
	struct world w = world(4999, 0.05f, 0.001f, 1);

	for (int i = 0; i < 60; i++) {
		pass(&w, 10, 1);
		pass(&w, 10, 0.2f);
	}
	CHECK(w.ups < 20);
	w.ups = 0;
	for (int i = 0; i < 60; i++) {
		pass(&w, 10, 1);
		pass(&w, 10, 0.2f);
	}
	CHECK(w.ups < 20);
}

static void bears_the_cost_of_starting(void)
{
	struct world w = world(99, 0.1f, 0.002f, 1);

	/* Names are read, less of them each second. */
	for (w.starting = 6; w.starting > 0.1f; w.starting *= 0.6f)
		pass(&w, 1, 1);
	CHECK(w.rate_hz == 99 && !w.changes);
	/* The same later is what it costs to go on. */
	w.starting = 0;
	pass(&w, 40, 1);
	w.starting = 6;
	pass(&w, 2, 1);
	CHECK(w.rate_hz < 99);
	/* Unless a worker has joined. */
	w = world(99, 0.1f, 0.002f, 1);
	pass(&w, 40, 1);
	budget_begins(&w.budget);
	w.starting = 6;
	pass(&w, 5, 1);
	CHECK(w.rate_hz == 99);
	pass(&w, 1, 1);
	CHECK(w.rate_hz < 99);
}

static void does_not_bear_a_rate_that_costs_too_much(void)
{
	struct world w = world(4999, 0, 0.001f, 1);

	pass(&w, 2, 1);
	CHECK(w.rate_hz < 1000);
}

int main(void)
{
	RUN(lowers_until_it_fits());
	RUN(stays_where_it_fits());
	RUN(does_not_heed_a_single_second());
	RUN(comes_back_when_there_is_room());
	RUN(goes_no_lower_than_the_lowest());
	RUN(does_not_flap());
	RUN(bears_the_cost_of_starting());
	RUN(does_not_bear_a_rate_that_costs_too_much());
	return CHECKS_RESULT;
}
