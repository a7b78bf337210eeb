/* SPDX-License-Identifier: MIT */
/*
 * Rows by a tuple of keys: how often, how much, least, most and how the values lie. A part of the
 * model, which empties it with each batch.
 */
#ifndef ACUPOINT_TABLES_H
#define ACUPOINT_TABLES_H

#include "model/dictionary.h"
#include "model/series.h"

enum { TABLE_ROWS_MAX = 1 << 12, TABLE_BUCKETS_MAX = 1 << 14 };

struct table_key {
	uint32_t series, pid;
	uint32_t keys[SERIES_KEYS_MAX]; /* those beyond the series' are 0 */
};

/* Of a row, how many values lie in one bucket; see TableRows in acupoint.proto. */
struct table_bucket {
	uint32_t row, bucket;
};

struct table_row {
	struct table_key key;
	uint64_t count, sum, least, most;
	uint32_t bucket_count; /* when drained: of this row; they stand together, ascending */
};

struct tables {
	struct dictionary keys, bucket_keys;
	struct table_row *rows;
	uint64_t *bucket_counts;
};

struct table_value {
	uint32_t bucket;
	uint64_t count;
};

bool tables_init(struct tables *t, uint64_t seed);
void tables_free(struct tables *t);
void tables_clear(struct tables *t);

/* The bucket of a value. */
uint32_t table_bucket_of(uint64_t value);

/*
 * Adds `count` observations that add up to `sum`; each of them is in the bucket of sum / count.
 * False: there is no room, and nothing was added.
 */
bool tables_add(struct tables *t, const struct series *series, const struct table_key *key,
		uint64_t count, uint64_t sum);
/*
 * Sorts the buckets by row and value into `out`, which has room for tables_bucket_count() of them,
 * and counts them in each row.
 */
size_t tables_bucket_count(const struct tables *t);
void tables_sort(struct tables *t, struct table_value *out);

#endif
