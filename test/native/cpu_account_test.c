/* SPDX-License-Identifier: MIT */
/* modules: trace/cpu_account.c */
/* Processes whose CPU time and samples are known. */
#include "check.h"

#include "naming/process.h"
#include "trace/cpu_account.h"

enum { PERIOD_US = 1000, SECOND_US = 1000000 };

struct world {
	struct cpu_account account;
	struct process one, other;
	struct process *all[2];
};

static void begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->all[0] = &w->one;
	w->all[1] = &w->other;
}

/* A second of a process, of whose samples the kernel gives one in so many. */
static void run(struct world *w, struct process *p, int one_in)
{
	p->cpu_ns += SECOND_US * 1000ULL;
	for (int n = 0; n < SECOND_US / PERIOD_US; n++)
		if (n % one_in == 0)
			cpu_account_sample(&w->account, p, PERIOD_US);
}

static double look(struct world *w, size_t count)
{
	cpu_account_look(&w->account, w->all, count);
	return cpu_account_weight(&w->account, count, PERIOD_US);
}

static void agrees_where_all_are_taken(void)
{
	struct world w;

	begin(&w);
	for (int second = 0; second < 20; second++) {
		run(&w, &w.one, 1);
		run(&w, &w.other, 1);
		CHECK(look(&w, 2) == 1);
	}
	CHECK(w.account.sampled_us == 40 * SECOND_US);
}

static void weighs_what_the_kernel_left_out(void)
{
	struct world w;
	double weight;

	begin(&w);
	run(&w, &w.one, 4);
	CHECK(look(&w, 1) == 4);
	/* Once all are taken again the window forgets it. */
	for (int second = 0; second < ACCOUNT_WINDOW; second++) {
		run(&w, &w.one, 1);
		weight = look(&w, 1);
	}
	CHECK(weight == 1);
}

static void lets_small_differences_last(void)
{
	struct world w;

	begin(&w);
	for (int second = 1; second <= 5; second++) {
		run(&w, &w.one, 1);
		w.one.cpu_ns += SECOND_US * 50ULL;
		CHECK((look(&w, 1) > 1.04) == (second == 5));
	}
}

static void leaves_one_out_that_ended(void)
{
	struct world w;

	begin(&w);
	run(&w, &w.one, 1);
	/* Sampled until its end, which came after its CPU time was read. */
	for (int n = 0; n < 500; n++)
		cpu_account_sample(&w.account, &w.other, PERIOD_US);
	CHECK(look(&w, 1) == 1);
}

static void says_nothing_of_idle_ones(void)
{
	struct world w;

	begin(&w);
	w.one.cpu_ns = 100000000;
	CHECK(look(&w, 1) == 1);
}

int main(void)
{
	RUN(agrees_where_all_are_taken());
	RUN(weighs_what_the_kernel_left_out());
	RUN(lets_small_differences_last());
	RUN(leaves_one_out_that_ended());
	RUN(says_nothing_of_idle_ones());
	return CHECKS_RESULT;
}
