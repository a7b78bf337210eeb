/* SPDX-License-Identifier: MIT */
/* modules: trace/cpu_account.c */
/* This process is its own target: it burns CPU time, and says what was sampled of it. */
#include "check.h"

#include <time.h>
#include <unistd.h>

#include "trace/cpu_account.h"

enum { PERIOD_US = 1000, BURN_MS = 600 };

static uint64_t own_cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* As many samples as a sampler would take that misses all but one of `of`. */
static struct cpu_account account_of_one_in(int of)
{
	struct cpu_account a = {0};
	uint64_t begin = own_cpu_us(), next = PERIOD_US;

	cpu_account_add(&a, getpid());
	for (int n = 0; next < BURN_MS * 1000; next += PERIOD_US, n++) {
		while (own_cpu_us() - begin < next)
			continue;
		if (n % of == 0)
			cpu_account_sample(&a, getpid(), PERIOD_US);
	}
	cpu_account_look(&a);
	return a;
}

static void agrees_where_all_are_taken(void)
{
	struct cpu_account a = account_of_one_in(1);

	CHECK(cpu_account_weight(&a, PERIOD_US) == 1);
	CHECK(a.all.used_us >= BURN_MS * 1000 - 40000);
	cpu_account_free(&a);
}

static void weighs_what_the_kernel_left_out(void)
{
	struct cpu_account a = account_of_one_in(3);
	double weight = cpu_account_weight(&a, PERIOD_US);

	CHECK(weight > 2.7 && weight < 3.3);
	/* Once all are taken again the window forgets it. */
	for (int i = 0; i < ACCOUNT_WINDOW; i++)
		cpu_account_look(&a);
	CHECK(cpu_account_weight(&a, PERIOD_US) == 1);
	cpu_account_free(&a);
}

static void knows_nothing_of_the_unsampled(void)
{
	struct cpu_account a = {0};

	cpu_account_sample(&a, getpid(), PERIOD_US);
	cpu_account_look(&a);
	CHECK(cpu_account_weight(&a, PERIOD_US) == 1);
	cpu_account_add(&a, getpid());
	cpu_account_remove(&a, getpid());
	cpu_account_look(&a);
	CHECK(!a.all.used_us && !a.all.sampled_us);
	cpu_account_free(&a);
}

int main(void)
{
	RUN(agrees_where_all_are_taken());
	RUN(weighs_what_the_kernel_left_out());
	RUN(knows_nothing_of_the_unsampled());
	return CHECKS_RESULT;
}
