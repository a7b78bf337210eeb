/* SPDX-License-Identifier: MIT */
/* modules: trace/watching.c */
/* All instruments together cost what the user allowed: the table here has stand-ins that tell. */
#include "check.h"

#include "trace/watching.h"

struct instrument {
	const struct traced *traced;
	int joined, left, ticks;
};

static struct instrument kept[2];

static struct instrument *open_first(const struct traced *traced, struct failure *error)
{
	(void)error;
	kept[0] = (struct instrument){.traced = traced};
	return &kept[0];
}

static struct instrument *open_second(const struct traced *traced, struct failure *error)
{
	(void)error;
	kept[1] = (struct instrument){.traced = traced};
	return &kept[1];
}

static struct instrument *open_none(const struct traced *traced, struct failure *error)
{
	(void)traced;
	error->kind = FAILURE_NO_SAMPLER;
	return NULL;
}

static void joins(struct instrument *i, struct process *p)
{
	(void)p;
	i->joined++;
}

static void leaves(struct instrument *i, struct process *p)
{
	(void)p;
	i->left++;
}

static uint64_t ticks(struct instrument *i, uint64_t now_ns)
{
	i->ticks++;
	return now_ns + 100;
}

static void nothing(struct instrument *i)
{
	(void)i;
}

static void state_of(const struct instrument *i, struct instrument_state *out)
{
	*out = (struct instrument_state){.events = (uint64_t)i->ticks, .missing = "why"};
}

#define STAND_IN(name, text, opens)                                                                \
	static const struct instrument_ops name = {text,  opens,   joins,   leaves,                \
						   ticks, nothing, nothing, state_of}
STAND_IN(first, "first", open_first);
STAND_IN(second, "second", open_second);
STAND_IN(third, "third", open_none);

const struct instrument_ops *const instruments[] = {&first, &second, &third, NULL};

static struct watching watching;

static void begin(void)
{
	watching_init(&watching, &(struct traced){.started_ns = 1});
}

static int turn(const char *id, bool on)
{
	struct failure error;

	return watching_switch(&watching, id, on, 0.5f, &error);
}

static void divides_what_they_may_cost(void)
{
	begin();
	CHECK(!turn("first", true) && kept[0].traced->percent == 0.5f);
	CHECK(!turn("second", true));
	CHECK(kept[0].traced->percent == 0.25f && kept[1].traced->percent == 0.25f);
	CHECK(turn("third", true) == -1 && kept[0].traced->percent == 0.25f);
	CHECK(!turn("first", false) && kept[1].traced->percent == 0.5f);
}

static void tells_who_joins_and_leaves(void)
{
	struct process *processes[2] = {(struct process *)&watching, (struct process *)kept};

	begin();
	watching_add(&watching, processes, 1);
	CHECK(!turn("first", true) && kept[0].joined == 1 && kept[0].traced->count == 1);
	watching_add(&watching, processes, 2);
	CHECK(kept[0].joined == 2 && kept[0].traced->count == 2);
	watching_remove(&watching, processes[1]);
	watching_removed(&watching, processes, 1);
	CHECK(kept[0].left == 1 && kept[0].traced->count == 1);
}

static void ticks_what_is_due(void)
{
	begin();
	CHECK(watching_tick(&watching, 1000) == UINT64_MAX);
	CHECK(!turn("second", true));
	CHECK(watching_tick(&watching, 1000) == 1100 && kept[1].ticks == 1);
	CHECK(watching_tick(&watching, 1099) == 1100 && kept[1].ticks == 1);
	CHECK(watching_tick(&watching, 1100) == 1200 && kept[1].ticks == 2);
}

static void keeps_the_sums_of_one_that_is_off(void)
{
	struct watched watched[INSTRUMENTS_MAX];

	begin();
	CHECK(watching_list(&watching, watched) == 0);
	CHECK(!turn("first", true));
	watching_tick(&watching, 1000);
	CHECK(watching_list(&watching, watched) == 1 && watched[0].on);
	CHECK_TEXT(watched[0].state.missing, "why");
	CHECK(!turn("first", false));
	CHECK(watching_list(&watching, watched) == 1 && !watched[0].on);
	CHECK(watched[0].state.events == 1 && !watched[0].state.missing);
}

static void refuses_one_that_there_is_not(void)
{
	struct failure error;

	begin();
	CHECK(watching_switch(&watching, "none", true, 1, &error) == -1);
	CHECK(error.kind == FAILURE_BAD_REQUEST);
}

int main(void)
{
	RUN(divides_what_they_may_cost());
	RUN(tells_who_joins_and_leaves());
	RUN(ticks_what_is_due());
	RUN(keeps_the_sums_of_one_that_is_off());
	RUN(refuses_one_that_there_is_not());
	return CHECKS_RESULT;
}
