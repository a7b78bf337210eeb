/* SPDX-License-Identifier: MIT */
/* Assertions of the C unit tests: the first that fails ends the program and says where. */
#ifndef ACUPOINT_CHECK_H
#define ACUPOINT_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#define CHECK_TEXT(actual, expected)                                                               \
	do {                                                                                       \
		const char *actual_text = (actual);                                                \
		if (strcmp(actual_text, expected)) {                                               \
			fprintf(stderr, "%s:%d: \"%s\", not \"%s\"\n", __FILE__, __LINE__,         \
				actual_text, expected);                                            \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#endif
