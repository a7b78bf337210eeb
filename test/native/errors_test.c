/* SPDX-License-Identifier: MIT */
/* modules: model/model.c model/dictionary.c model/tables.c model/utf8.c */
/* modules: instruments/errors/error_texts.c naming/id_map.c */
/* Messages from the target: any bytes, any number of them, and few rows. */
#include <linux/types.h>

#include "check.h"

#include "instruments/errors/error_texts.h"
#include "instruments/errors/error_watch.h"

static struct model *model;
static struct error_texts texts;

static void begin(void)
{
	model = model_new();
	CHECK(model);
	error_texts_init(&texts, model);
}

static void end(void)
{
	error_texts_free(&texts);
	model_free(model);
}

static uint32_t of(const char *text)
{
	return error_text(&texts, text, strlen(text), false);
}

static uint32_t string(const char *text)
{
	return model_string(model, text, strlen(text));
}

static void folds_what_differs_each_time(void)
{
	begin();
	CHECK(of("a.lua:12: order 123456 failed") == string("a.lua:12: order # failed"));
	CHECK(of("a.lua:12: table: 0x7f12ab34cd") == string("a.lua:12: table: #"));
	CHECK(of("status 503, code 1234") == string("status 503, code 1234"));
	CHECK(of("0x12 and 0x") == string("0x12 and 0x"));
	CHECK(of("12345") == string("#"));
	CHECK(of("first\nsecond") == string("first"));
	CHECK(of("") == string(""));
	end();
}

static void keeps_its_bounds(void)
{
	char text[2 * ERROR_TEXT];

	begin();
	memset(text, '9', sizeof(text));
	CHECK(error_text(&texts, text, sizeof(text), true) == string("#..."));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(0x80 + i % 128);
	CHECK(error_text(&texts, text, sizeof(text), true));
	memset(text, 'x', sizeof(text));
	text[ERROR_TEXT - 1] = '\n';
	text[ERROR_TEXT - 2] = '0';
	text[ERROR_TEXT - 3] = '\0';
	CHECK(error_text(&texts, text, ERROR_TEXT, true));
	end();
}

static void says_no_more_of_too_many(void)
{
	char text[32];
	uint32_t others;

	begin();
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "m%c%c%c", 'a' + i % 26, 'a' + i / 26 % 26,
			 'a' + i / 676);
		others = of(text);
	}
	CHECK(others == string("(other messages)"));
	CHECK(of("maaa") == string("maaa"));
	end();
}

static void names_types_and_levels(void)
{
	begin();
	CHECK(error_type_text(&texts, 11) == string("(table)"));
	CHECK(error_type_text(&texts, ERROR_NUMBER) == string("(number)"));
	CHECK(error_type_text(&texts, ERROR_UNREAD) == string("(not read)"));
	CHECK(error_type_text(&texts, UINT32_MAX) == string("(not read)"));
	CHECK(error_level_text(&texts, 4) == string("error"));
	CHECK(error_level_text(&texts, 99) == string("unknown"));
	end();
}

int main(void)
{
	RUN(folds_what_differs_each_time());
	RUN(keeps_its_bounds());
	RUN(says_no_more_of_too_many());
	RUN(names_types_and_levels());
	return CHECKS_RESULT;
}
