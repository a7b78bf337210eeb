/* SPDX-License-Identifier: MIT */
/*
 * Assertions of the C unit tests, and a line for each test function: its name, and "ok" or
 * "FAILED". A check that fails ends its function and names its place; the others run all the same.
 */
#ifndef ACUPOINT_CHECK_H
#define ACUPOINT_CHECK_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	jmp_buf way_out;
	int running;
	int failed;
} checks;

static inline _Noreturn void check_fails(void)
{
	if (!checks.running)
		exit(1);
	longjmp(checks.way_out, 1);
}

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			check_fails();                                                             \
		}                                                                                  \
	} while (0)

#define CHECK_TEXT(actual, expected)                                                               \
	do {                                                                                       \
		const char *actual_text = (actual);                                                \
		if (strcmp(actual_text, expected)) {                                               \
			fprintf(stderr, "%s:%d: \"%s\", not \"%s\"\n", __FILE__, __LINE__,         \
				actual_text, expected);                                            \
			check_fails();                                                             \
		}                                                                                  \
	} while (0)

/* Runs one test function. The name is out before the call, so that a crash has one too. */
#define RUN(call)                                                                                  \
	do {                                                                                       \
		printf("  %s ", #call);                                                            \
		fflush(stdout);                                                                    \
		checks.running = 1;                                                                \
		if (!setjmp(checks.way_out)) {                                                     \
			call;                                                                      \
			puts("ok");                                                                \
		} else {                                                                           \
			checks.failed++;                                                           \
			puts("FAILED");                                                            \
		}                                                                                  \
		checks.running = 0;                                                                \
	} while (0)

/* The program's exit code. */
#define CHECKS_RESULT (checks.failed ? 1 : 0)

#endif
