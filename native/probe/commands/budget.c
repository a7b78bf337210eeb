/* SPDX-License-Identifier: MIT */
#include "commands/budget.h"

#include <stdbool.h>

enum {
	SECONDS_OVER = 2,
	/* Seconds in which names are read for the first time, and how many in a row may be over. */
	YOUNG = 30,
	SECONDS_OVER_YOUNG = 6,
	PATIENCE = 5,
	MOST_PATIENCE = 320,
	/* A rate that was raised and has to go down within this time was raised too soon. */
	PROBATION = 60,
};
/* How much of the budget is aimed at, so that its ups and downs stay below it. */
#define AIM_LOWERED 0.85f
#define AIM_RAISED 0.8f
#define STEP_UP 1.5f

void budget_init(struct budget *b, uint32_t asked_hz)
{
	*b = (struct budget){.asked_hz = asked_hz, .patience = PATIENCE, .since_raise = PROBATION};
	budget_begins(b);
}

void budget_begins(struct budget *b)
{
	b->young = YOUNG;
}

static uint32_t lowered(struct budget *b, uint32_t rate_hz, float cost, bool young, float allowed)
{
	uint32_t rate;

	if (young)
		b->cost = !b->over || cost < b->cost ? cost : b->cost;
	else
		b->cost = (b->cost * (float)b->over + cost) / (float)(b->over + 1);
	if (++b->over < (young ? SECONDS_OVER_YOUNG : SECONDS_OVER))
		return rate_hz;
	if (b->since_raise < PROBATION && b->patience < MOST_PATIENCE)
		b->patience *= 2;
	b->since_raise = PROBATION;
	rate = (uint32_t)((float)rate_hz * allowed / b->cost * AIM_LOWERED);
	b->over = 0;
	return rate < BUDGET_LOWEST_HZ ? BUDGET_LOWEST_HZ : rate;
}

static uint32_t raised(struct budget *b, uint32_t rate_hz, float cost, float allowed)
{
	float next = (float)rate_hz * STEP_UP;

	if (next > (float)b->asked_hz)
		next = (float)b->asked_hz;
	if (cost * next / (float)rate_hz > allowed * AIM_RAISED) {
		b->room = 0;
		return rate_hz;
	}
	if (++b->room < b->patience)
		return rate_hz;
	b->room = 0;
	b->since_raise = 0;
	return (uint32_t)next;
}

uint32_t budget_rate(struct budget *b, uint32_t rate_hz, float cost, float certain, float allowed)
{
	bool young = b->young && certain <= allowed;

	if (b->young)
		b->young--;
	if (b->since_raise < PROBATION && ++b->since_raise == PROBATION)
		b->patience = PATIENCE;
	if (allowed <= 0)
		return b->asked_hz;
	if (cost > allowed) {
		b->room = 0;
		return rate_hz > BUDGET_LOWEST_HZ ? lowered(b, rate_hz, cost, young, allowed)
						  : rate_hz;
	}
	b->over = 0;
	return rate_hz < b->asked_hz ? raised(b, rate_hz, cost, allowed) : rate_hz;
}
