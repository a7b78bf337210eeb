/* SPDX-License-Identifier: MIT */
#include "model/tables.h"

#include <stdlib.h>
#include <string.h>

/* Below this each value has a bucket; from there on each power of two has half as many. */
#define EXACT 64
#define EXACT_BITS 6

bool tables_init(struct tables *t, uint64_t seed)
{
	memset(t, 0, sizeof(*t));
	dictionary_init(&t->keys, sizeof(struct table_key), TABLE_ROWS_MAX, seed);
	dictionary_init(&t->bucket_keys, sizeof(struct table_bucket), TABLE_BUCKETS_MAX, seed);
	return true;
}

void tables_free(struct tables *t)
{
	dictionary_free(&t->keys);
	dictionary_free(&t->bucket_keys);
	free(t->rows);
	free(t->bucket_counts);
}

void tables_clear(struct tables *t)
{
	dictionary_clear(&t->keys);
	dictionary_clear(&t->bucket_keys);
}

uint32_t table_bucket_of(uint64_t value)
{
	int shift;

	if (value < EXACT)
		return (uint32_t)value;
	shift = 63 - __builtin_clzll(value) - (EXACT_BITS - 1);
	return (uint32_t)shift * (EXACT / 2) + (uint32_t)(value >> shift);
}

/* Most traces have no table: memory comes with the first row. */
static bool reserve(struct tables *t)
{
	if (!t->rows)
		t->rows = calloc(TABLE_ROWS_MAX, sizeof(*t->rows));
	if (!t->bucket_counts)
		t->bucket_counts = calloc(TABLE_BUCKETS_MAX, sizeof(*t->bucket_counts));
	return t->rows && t->bucket_counts;
}

static bool add_bucket(struct tables *t, uint32_t row, uint32_t bucket, uint64_t count)
{
	struct table_bucket key = {row, bucket};
	bool added;
	uint32_t id = dictionary_intern(&t->bucket_keys, &key, &added);

	if (!id)
		return false;
	if (added)
		t->bucket_counts[id - 1] = 0;
	t->bucket_counts[id - 1] += count;
	return true;
}

bool tables_add(struct tables *t, const struct series *series, const struct table_key *key,
		uint64_t count, uint64_t sum)
{
	uint64_t each = count ? sum / count : 0;
	struct table_row *row;
	bool added;
	uint32_t id;

	if (!count || !reserve(t))
		return !count;
	id = dictionary_intern(&t->keys, key, &added);
	if (!id)
		return false;
	row = &t->rows[id - 1];
	if (added)
		*row = (struct table_row){.key = *key, .least = each, .most = each};
	if (series->buckets && !add_bucket(t, id - 1, table_bucket_of(each), count))
		return false;
	row->count += count;
	row->sum += sum;
	if (each < row->least)
		row->least = each;
	if (each > row->most)
		row->most = each;
	return true;
}

size_t tables_bucket_count(const struct tables *t)
{
	return t->bucket_keys.count;
}

static int by_bucket(const void *a, const void *b)
{
	const struct table_value *x = a, *y = b;

	return x->bucket < y->bucket ? -1 : x->bucket > y->bucket;
}

/* Counts first, so that each row's buckets have their place; then each place is sorted. */
void tables_sort(struct tables *t, struct table_value *out)
{
	const struct table_bucket *keys = (const struct table_bucket *)t->bucket_keys.entries;
	size_t begin = 0, end = t->bucket_keys.count;

	for (size_t i = 0; i < t->keys.count; i++)
		t->rows[i].bucket_count = 0;
	for (size_t i = 0; i < end; i++)
		t->rows[keys[i].row].bucket_count++;
	for (size_t i = 0; i < t->keys.count; i++) {
		begin += t->rows[i].bucket_count;
		t->rows[i].bucket_count = (uint32_t)begin;
	}
	/* Each is the end of its row's place now; filling moves it to the beginning. */
	for (size_t i = 0; i < end; i++)
		out[--t->rows[keys[i].row].bucket_count] =
			(struct table_value){keys[i].bucket, t->bucket_counts[i]};
	for (size_t i = 0; i < t->keys.count; i++) {
		size_t next = i + 1 < t->keys.count ? t->rows[i + 1].bucket_count : end;

		begin = t->rows[i].bucket_count;
		qsort(out + begin, next - begin, sizeof(*out), by_bucket);
		t->rows[i].bucket_count = (uint32_t)(next - begin);
	}
}
