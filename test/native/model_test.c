/* SPDX-License-Identifier: MIT */
/* modules: model/model.c model/dictionary.c model/utf8.c */
#include "check.h"

#include "host/usage.h"
#include "model/drain.h"

enum { PLENTY = 1 << 20 };

static uint32_t text(struct model *m, const char *bytes)
{
	return model_string(m, bytes, strlen(bytes));
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
	CHECK(model_add(m, 2, 77, 0, 0) && model_add(m, 2, 77, 0, 0) && model_add(m, 1, 77, 0, 0));
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

/* What is shown and not taken is shown again: nothing is lost when a batch could not be written. */
static void shows_again_what_was_not_taken(void)
{
	struct model *m = model_new();
	struct model_batch first, second;

	model_add(m, 0, 5, text(m, "x"), 0);
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
	model_add(m, 1000, 1, 0, 0);
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
			model_add(m, stack, 1, 0, 0);
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
		refused += !model_add(m, i + 1, 1, 0, 0);
	CHECK(refused == 40000 - 32768 && model_lost(m) == refused);
	CHECK(model_discard(m) == 32768 && model_lost(m) == 40000);
	CHECK(model_add(m, 1, 1, 0, 0));
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
	return CHECKS_RESULT;
}
