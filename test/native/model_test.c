/* SPDX-License-Identifier: MIT */
/* modules: model/model.c model/dictionary.c model/tables.c model/utf8.c */
#include "check.h"

#include "host/usage.h"
#include "model/drain.h"

enum { PLENTY = 1 << 20 };

static uint32_t text(struct model *m, const char *bytes)
{
	return model_string(m, bytes, strlen(bytes));
}

static const struct series taken = {.name = "taken", .shape = SERIES_STACKS, .counted = true};

/* One sample. */
static bool add(struct model *m, uint32_t stack, uint32_t pid, uint32_t labels)
{
	const struct model_place place = {.stack = stack, .pid = pid, .labels = labels};

	return model_add(m, &taken, &place, 1, 0);
}

static void drain_all(struct model *m)
{
	struct model_batch batch;

	do {
		model_drain(m, PLENTY, &batch);
		model_drained(m, &batch);
	} while (batch.more);
}

static void interns_once_and_in_order(void)
{
	struct model *m = model_new();
	struct model_batch batch;

	CHECK(text(m, "a") == 1 && text(m, "b") == 2 && text(m, "a") == 1);
	CHECK(text(m, "") == 3);
	CHECK(model_function(m, 1, 2, 3, 4) == 1 && model_function(m, 1, 2, 3, 5) == 2);
	CHECK(model_frame(m, 1, FRAME_LUA, 7, 0) == 1 && model_frame(m, 1, FRAME_LUA, 8, 0) == 2);
	CHECK(model_stack(m, 0, 1) == 1 && model_stack(m, 1, 2) == 2 && model_stack(m, 0, 1) == 1);
	CHECK(add(m, 2, 77, 0) && add(m, 2, 77, 0) && add(m, 1, 77, 0));
	model_drain(m, PLENTY, &batch);
	CHECK(!batch.more && batch.string_count == 3 && batch.strings[2].length == 0);
	CHECK(!memcmp(batch.strings[1].bytes, "b", 1));
	CHECK(batch.function_count == 2 && batch.frame_count == 2 && batch.stack_count == 2);
	CHECK(batch.row_count == 2 && batch.rows[0].count == 2 && batch.rows[1].count == 1);
	model_drained(m, &batch);
	CHECK(text(m, "b") == 2);
	model_drain(m, PLENTY, &batch);
	CHECK(!batch.string_count && !batch.stack_count && !batch.row_count);
	model_free(m);
}

/* Rows shown and not taken are shown again: nothing is lost when a batch could not be written. */
static void shows_again_what_was_not_taken(void)
{
	struct model *m = model_new();
	struct model_batch first, second;

	add(m, 0, 5, text(m, "x"));
	model_drain(m, PLENTY, &first);
	model_drain(m, PLENTY, &second);
	CHECK(first.string_count == 1 && second.string_count == 1 && second.row_count == 1);
	model_free(m);
}

static void sends_what_rows_refer_to_before_them(void)
{
	struct model *m = model_new();
	size_t strings = 0, stacks = 0;
	struct model_batch batch;
	char name[16];

	for (uint32_t i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		model_stack(m, i,
			    model_frame(m, model_function(m, text(m, name), 0, 0, 0), FRAME_NATIVE,
					0, 0));
	}
	add(m, 1000, 1, 0);
	do {
		model_drain(m, 900, &batch);
		strings += batch.string_count;
		stacks += batch.stack_count;
		CHECK(!batch.function_count || strings == 1000);
		CHECK(!batch.row_count || stacks == 1000);
		model_drained(m, &batch);
	} while (batch.more);
	CHECK(stacks == 1000 && batch.row_count == 1);
	model_free(m);
}

static void makes_text_valid_utf8(void)
{
	static const char bytes[] = "\xff"
				    "a\0\xc3\xa9\xed\xa0\x80";
	static const char clean[] = "\xef\xbf\xbd"
				    "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd";
	struct model *m = model_new();
	struct model_batch batch;
	char *large = malloc(200000);

	CHECK(large);
	model_string(m, bytes, sizeof(bytes) - 1);
	memset(large, 'x', 200000);
	memcpy(large + 65535, "\xc3\xa9", 2);
	model_string(m, large, 200000);
	model_drain(m, PLENTY, &batch);
	CHECK(batch.strings[0].length == sizeof(clean) - 1);
	CHECK(!memcmp(batch.strings[0].bytes, clean, sizeof(clean) - 1));
	/* Cut at 64 KiB, and not inside a character. */
	CHECK(batch.strings[1].length == 65535);
	memset(large, 0xff, 200000);
	model_string(m, large, 200000);
	model_drain(m, PLENTY, &batch);
	CHECK(batch.strings[2].length == 65535);
	free(large);
	model_free(m);
}

static void stays_flat_for_repeated_input(void)
{
	struct model *m = model_new();
	uint64_t rss = 0;
	char name[32];

	for (int round = 0; round < 400; round++) {
		uint32_t stack = 0;

		for (uint32_t i = 0; i < 500; i++) {
			snprintf(name, sizeof(name), "function_%u", i % 250);
			stack = model_stack(
				m, i % 50 ? stack : 0,
				model_frame(m, model_function(m, text(m, name), 0, i % 250, 0),
					    FRAME_LUA, i, 0));
			add(m, stack, 1, 0);
		}
		drain_all(m);
		if (round == 20)
			rss = own_rss_bytes();
	}
	CHECK(model_waiting(m) == 0);
	CHECK(own_rss_bytes() < rss + (1 << 20));
	model_free(m);
}

static void counts_what_has_no_room(void)
{
	struct model *m = model_new();
	uint32_t refused = 0;

	for (uint32_t i = 0; i < 40000; i++)
		refused += !add(m, i + 1, 1, 0);
	CHECK(refused == 40000 - 16384 && model_lost(m, &taken) == refused);
	CHECK(model_discard(m, &taken) == 16384 && model_lost(m, &taken) == 40000);
	CHECK(add(m, 1, 1, 0));
	model_free(m);
}

/* ---- series -----------------------------------------------------------------------------------
 */

static const struct series bytes = {.name = "bytes", .unit = "B", .shape = SERIES_STACKS};
static const struct series times = {.name = "times",
				    .unit = "us",
				    .shape = SERIES_TABLES,
				    .buckets = true,
				    .key_count = 2,
				    .keys = {{"route", false}, {"status", true}}};
static const struct series gauge = {
	.name = "gauge", .shape = SERIES_POINTS, .key_count = 1, .keys = {{"size", true}}};

static void declares_each_series_once_and_keeps_them_apart(void)
{
	const struct model_place place = {.stack = 3, .pid = 7};
	struct model *m = model_new();
	struct model_batch batch;

	CHECK(model_add(m, &taken, &place, 1, 0) && model_add(m, &bytes, &place, 2, 500));
	CHECK(model_add(m, &bytes, &place, 1, 12) && model_series(m, &taken) == 1);
	model_drain(m, PLENTY, &batch);
	CHECK(batch.new_series == 2 && batch.series[0] == &taken && batch.series[1] == &bytes);
	CHECK(batch.row_count == 2 && batch.rows[0].series == 1 && batch.rows[0].count == 1);
	CHECK(batch.rows[1].series == 2 && batch.rows[1].count == 3 && batch.rows[1].value == 512);
	model_drained(m, &batch);
	CHECK(model_add(m, &bytes, &place, 1, 1));
	model_drain(m, PLENTY, &batch);
	CHECK(!batch.new_series && batch.series_count == 2 && batch.row_count == 1);
	model_free(m);
}

static void lays_values_into_ascending_buckets(void)
{
	const uint32_t fast[] = {5, 200}, slow[] = {5, 500};
	struct model *m = model_new();
	struct model_batch batch;

	for (uint64_t value = 1000; value > 0; value -= 10)
		CHECK(model_add_table(m, &times, 7, fast, 1, value));
	CHECK(model_add_table(m, &times, 7, slow, 4, 4 * 63) &&
	      model_add_table(m, &times, 7, slow, 1, UINT64_MAX));
	model_drain(m, PLENTY, &batch);
	CHECK(batch.table_count == 2 && batch.tables[0].count == 100);
	CHECK(batch.tables[0].sum == 50500 && batch.tables[0].least == 10);
	CHECK(batch.tables[0].most == 1000 && batch.tables[1].bucket_count == 2);
	CHECK(batch.bucket_count == batch.tables[0].bucket_count + 2u);
	for (size_t i = 1; i < batch.tables[0].bucket_count; i++)
		CHECK(batch.buckets[i - 1].bucket < batch.buckets[i].bucket);
	CHECK(batch.buckets[batch.tables[0].bucket_count].bucket == 63);
	CHECK(batch.buckets[batch.tables[0].bucket_count].count == 4);
	/* The ends of the scale: 64 is the first of a power's 32, and each bucket is of one width.
	 */
	CHECK(table_bucket_of(63) == 63 && table_bucket_of(64) == 64 && table_bucket_of(65) == 64);
	CHECK(table_bucket_of(127) == 95 && table_bucket_of(128) == 96);
	CHECK(table_bucket_of(UINT64_MAX) == 32 * 58 + 63);
	model_drained(m, &batch);
	model_drain(m, PLENTY, &batch);
	CHECK(!batch.table_count && !batch.bucket_count);
	model_free(m);
}

static void keeps_points_in_order(void)
{
	struct model *m = model_new();
	struct model_point point = {.pid = 7};
	struct model_batch batch;
	size_t refused = 0;

	for (int i = 0; i < 5000; i++) {
		point.time_us = (uint64_t)i;
		point.numbers[0] = i / 2.0;
		refused += !model_add_point(m, &gauge, &point);
	}
	CHECK(refused == 5000 - 4096 && model_lost(m, &gauge) == refused);
	model_drain(m, PLENTY, &batch);
	CHECK(batch.point_count == 4096 && batch.points[4095].time_us == 4095);
	CHECK(batch.points[3].numbers[0] == 1.5 && batch.points[3].series == 1);
	model_free(m);
}

int main(void)
{
	RUN(interns_once_and_in_order());
	RUN(shows_again_what_was_not_taken());
	RUN(sends_what_rows_refer_to_before_them());
	RUN(makes_text_valid_utf8());
	RUN(stays_flat_for_repeated_input());
	RUN(counts_what_has_no_room());
	RUN(declares_each_series_once_and_keeps_them_apart());
	RUN(lays_values_into_ascending_buckets());
	RUN(keeps_points_in_order());
	return CHECKS_RESULT;
}
