/* SPDX-License-Identifier: MIT */
/* Declarations of series: what rows, tables and points are of. As Series in acupoint.proto. */
#ifndef ACUPOINT_SERIES_H
#define ACUPOINT_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum series_shape { SERIES_STACKS = 1, SERIES_TABLES = 2, SERIES_POINTS = 3 };

enum { SERIES_MAX = 64, SERIES_KEYS_MAX = 8 };

struct series_key {
	const char *name;
	bool number; /* a number itself; else a string id of the model */
};

/* Lives as long as the model; a series is known by the address of this. */
struct series {
	const char *name, *instrument, *unit;
	enum series_shape shape;
	bool estimated;
	bool counted; /* stacks: rows have no values, each count stands for the same */
	bool buckets; /* tables: how the values lie is kept */
	size_t key_count;
	struct series_key keys[SERIES_KEYS_MAX];
};

#endif
