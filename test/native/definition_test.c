/* SPDX-License-Identifier: MIT */
/* modules: naming/definition.c nginx/processes.c nginx/binary.c */
#include "check.h"

#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include "naming/definition.h"

static void names_functions_by_their_line(void)
{
	static const struct {
		const char *line, *expected;
	} cases[] = {
		{"local function access(conf)", "access"},
		{"function Handler:access(conf)", "access"},
		{"function a.b.c(x) return x end", "c"},
		{"  function  _M.x_1 ()", "x_1"},
		{"M.rewrite = function(self)", "rewrite"},
		{"local log=function()", "log"},
		{"  header_filter = function (self, conf)", "header_filter"},
		{"t[\"by key\"] = function()", "key"},
		{"t['key'] = function()", "key"},
		{"return function(x)", ""},
		{"foo(function() end)", ""},
		{"if a == function_of(x) then", ""},
		{"x = f(function() return 1 end)", ""},
		{"pcall(function() end) -- function foo()", ""},
		{"-- function foo()", ""},
		{"a = function() return function() end end", ""},
		{"if a == function() end then", ""},
		{"function", ""},
		{"= function", ""},
		{"function(", ""},
		{"", ""},
	};
	char out[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = definition_in_line(cases[i].line, strlen(cases[i].line), out, 63);

		out[n] = '\0';
		CHECK_TEXT(out, cases[i].expected);
	}
}

static size_t name_in(const char *source, uint32_t line, char *out)
{
	struct chunk chunk = {(char *)source, strlen(source)};
	struct defined at = {line, 0, -1};
	enum source_trust trust;
	size_t n = definition_name(getpid(), &chunk, &at, &trust, out, 63);

	out[n] = '\0';
	return n;
}

static void reads_chunks_whose_name_is_their_text(void)
{
	static const char source[] =
		"local x = 1\nfunction M.hook(a)\nend\nlocal last = function()";
	char out[64];

	CHECK(name_in(source, 2, out) == 4);
	CHECK_TEXT(out, "hook");
	CHECK(name_in(source, 4, out) == 4);
	CHECK_TEXT(out, "last");
	CHECK(!name_in(source, 1, out) && !name_in(source, 3, out));
	CHECK(!name_in(source, 5, out) && !name_in(source, 4000000000u, out));
	CHECK(!name_in(source, 0, out));
	CHECK(!name_in("", 1, out) && !name_in("@", 1, out) && !name_in("=tag", 1, out));
	CHECK(!name_in("@/nowhere/at/all.lua", 1, out) && !name_in("@/proc", 1, out));
}

static bool is_defined(const char *source, uint32_t first, uint32_t last, int parameters)
{
	struct chunk chunk = {(char *)source, strlen(source)};
	struct defined at = {first, last, parameters};
	enum source_trust trust;
	char out[64];

	return definition_name(getpid(), &chunk, &at, &trust, out, 63) > 0;
}

/* A file that was deployed since has another function at the line. */
static void doubts_what_defines_another_function(void)
{
	static const char source[] = "function M:hook(a, b, ...)\n  return a\nend\n"
				     "local f = function() return 1 end\n"
				     "function g(a, -- first\n b)\nend\n";

	CHECK(is_defined(source, 1, 3, 3) && is_defined(source, 1, 3, -1));
	CHECK(!is_defined(source, 1, 3, 2) && !is_defined(source, 1, 3, 4));
	CHECK(!is_defined(source, 1, 2, 3) && !is_defined(source, 1, 40, 3));
	CHECK(is_defined(source, 4, 4, 0) && !is_defined(source, 4, 4, 1));
	CHECK(is_defined(source, 5, 7, 2));
}

static bool exists(const char *source, const char *name)
{
	struct chunk chunk = {(char *)source, strlen(source)};

	return definition_exists(getpid(), &chunk, name, strlen(name));
}

static void knows_whether_a_source_defines_a_name(void)
{
	static const char source[] =
		"local function through(cb) return cb() end\nM.last = function()";

	CHECK(exists(source, "through") && exists(source, "last"));
	CHECK(!exists(source, "cb") && !exists(source, "las") && !exists(source, "lastly"));
	CHECK(!exists("", "x") && !exists("\n\n", "x") && !exists("=tag", "tag"));
	CHECK(!exists("@/nowhere/at/all.lua", "x"));
}

static void keeps_within_what_it_is_given(void)
{
	char line[4096], out[8];

	memset(line, 'x', sizeof(line));
	memcpy(line, "function ", 9);
	CHECK(definition_in_line(line, sizeof(line), out, sizeof(out)) == 0);
	memcpy(line + sizeof(line) - 9, " function", 9);
	CHECK(definition_in_line(line + 100, sizeof(line) - 100, out, sizeof(out)) == 0);
}

int main(void)
{
	RUN(names_functions_by_their_line());
	RUN(reads_chunks_whose_name_is_their_text());
	RUN(doubts_what_defines_another_function());
	RUN(knows_whether_a_source_defines_a_name());
	RUN(keeps_within_what_it_is_given());
	return CHECKS_RESULT;
}
