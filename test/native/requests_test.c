/* SPDX-License-Identifier: MIT */
/* modules: naming/request_names.c naming/phase.c naming/id_map.c nginx/request_layout.c */
/* modules: model/model.c model/dictionary.c model/tables.c model/utf8.c */
/* Names of requests, where nginx keeps them, and the phase: with what nobody should send. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "model/drain.h"
#include "naming/phase.h"
#include "naming/request_names.h"
#include "nginx/request_layout.h"

#define PLENTY (64u << 20)

static struct sample_request request_of(const char *line, const char *host)
{
	struct sample_request r = {.line_length = (uint32_t)strlen(line),
				   .host_length = (uint32_t)strlen(host),
				   .host_at = REQUEST_LINE,
				   .text_size = sizeof(r.text)};

	memcpy(r.text, line, r.line_length < REQUEST_LINE ? r.line_length : REQUEST_LINE);
	memcpy(r.text + REQUEST_LINE, host,
	       r.host_length < REQUEST_HOST ? r.host_length : REQUEST_HOST);
	return r;
}

static bool is_string(const struct model_batch *b, uint32_t id, const char *text)
{
	return id && id <= b->string_count && b->strings[id - 1].length == strlen(text) &&
	       !memcmp(b->strings[id - 1].bytes, text, strlen(text));
}

static void check_name(const char *line, const char *host, const char *method, const char *uri)
{
	struct sample_request r = request_of(line, host);
	struct model *m = model_new();
	struct request_names n = request_names_of(m);
	struct model_batch b;
	bool other;

	CHECK(request_names_get(&n, &r, &other) == 1 && !other);
	CHECK(request_names_get(&n, &r, &other) == 1 && !other);
	model_drain(m, PLENTY, &b);
	CHECK(b.request_count == 1);
	CHECK(is_string(&b, b.requests[0].method, method));
	CHECK(is_string(&b, b.requests[0].uri, uri));
	CHECK(*host ? is_string(&b, b.requests[0].host, host) : !b.requests[0].host);
	request_names_free(&n);
	model_free(m);
}

static void names_requests(void)
{
	char long_line[512] = "GET /", cut[128] = "/";

	check_name("GET /a/b HTTP/1.1", "one.example", "GET", "/a/b");
	check_name("POST /a?secret=1 HTTP/1.1", "", "POST", "/a");
	check_name("GET /a", "x", "GET", "/a");
	check_name("GET http://one.example/a/b?x HTTP/1.1", "one.example", "GET", "/a/b");
	check_name("OPTIONS * HTTP/1.1", "x", "OPTIONS", "*");
	check_name("CONNECT x:443 HTTP/1.1", "x", "CONNECT", "x:443");
	memset(long_line + 5, 'y', 400);
	memset(cut + 1, 'y', 123);
	strcpy(cut + 124, "...");
	check_name(long_line, "x", "GET", cut);
}

static void bounds_requests(void)
{
	struct model *m = model_new();
	struct request_names n = request_names_of(m);
	struct sample_request r;
	uint32_t others = 0, highest = 0, id;
	char line[64];
	bool other;
	int i;

	for (i = 0; i < 20000; i++) {
		snprintf(line, sizeof(line), "GET /%d HTTP/1.1", i);
		r = request_of(line, "x");
		id = request_names_get(&n, &r, &other);
		CHECK(id);
		others += other;
		highest = id > highest ? id : highest;
	}
	CHECK(others > 20000 - 2048 && highest < 2048);
	r = request_of("GET /0 HTTP/1.1", "x");
	CHECK(request_names_get(&n, &r, &other) == 1 && !other);
	request_names_free(&n);
	model_free(m);
}

static void survives_any_request(void)
{
	struct model *m = model_new();
	struct request_names n = request_names_of(m);
	struct sample_request r;
	unsigned char *bytes = (unsigned char *)&r;
	bool other;
	size_t k;
	int i;

	srand(1);
	for (i = 0; i < 200000; i++) {
		for (k = 0; k < sizeof(r); k++)
			bytes[k] = (unsigned char)(rand() >> 8);
		if (i % 2)
			r.line_length %= 300;
		if (i % 3)
			r.text_size %= sizeof(r.text) + 1;
		if (i % 7)
			r.host_at %= sizeof(r.text);
		if (i % 3)
			r.text[rand() % 20] = ' ';
		if (i % 5 == 0)
			memcpy(r.text + rand() % 150, "://", 3);
		request_names_get(&n, &r, &other);
	}
	request_names_free(&n);
	model_free(m);
}

/* ---- where a build keeps it -------------------------------------------------------------------
 */

struct text {
	uint64_t length;
	const char *data;
};

static struct {
	uint64_t words[0x800 / 8];
} fake;

static struct {
	uint64_t hash;
	struct text key, value;
	const char *lowercase;
} host_header = {1, {4, "Host"}, {14, "One.Example:80"}, "host"};

static uint64_t *contexts[64];
static uint64_t context[64];

static void put(uint32_t offset, size_t length, const char *data)
{
	fake.words[offset / 8] = length;
	fake.words[offset / 8 + 1] = (uintptr_t)data;
}

static void build(void)
{
	static const char line[] = "GET /path?x HTTP/1.1";

	memset(&fake, 0, sizeof(fake));
	fake.words[0] = REQUEST_SIGNATURE;
	fake.words[2] = (uintptr_t)contexts;
	fake.words[0xa0 / 8] = (uintptr_t)&host_header;
	put(0x178, 11, "one.example");
	put(0x328, sizeof(line) - 1, line);
	put(0x338, 5, line + 4);
	put(0x368, 7, line + 4);
	put(0x378, 3, line);
	put(0x388, 8, line + 12);
	context[1] = (uintptr_t)&fake;
	contexts[7] = context;
}

static void learns_the_layout(void)
{
	const struct memory self = {getpid()};
	struct request_layout l = {0};
	uint64_t at = (uintptr_t)&fake;

	build();
	CHECK(request_layout_learn(&l, &self, at, true) && !request_layout_done(&l, true));
	CHECK(request_layout_learn(&l, &self, at, true) && request_layout_done(&l, true));
	CHECK(l.known.line == 0x328 && l.known.server == 0x178 && l.known.slot == 7 * 8 + 1);
	l = (struct request_layout){0};
	request_layout_learn(&l, &self, at, false);
	CHECK(request_layout_learn(&l, &self, at, false) && request_layout_done(&l, false));
	CHECK(!l.known.line && !l.known.server && l.known.slot);
	/* Strings that do not agree with each other are those of no request. */
	l = (struct request_layout){0};
	put(0x378, 3, "PUT");
	request_layout_learn(&l, &self, at, true);
	request_layout_learn(&l, &self, at, true);
	CHECK(!l.known.line);
	build();
	put(0x1a0, 11, "one.example");
	l = (struct request_layout){0};
	request_layout_learn(&l, &self, at, true);
	request_layout_learn(&l, &self, at, true);
	CHECK(l.known.line && !l.known.server);
	CHECK(!request_layout_learn(&l, &self, 8, true) &&
	      !request_layout_learn(&l, &self, 0, true));
}

static void survives_any_memory(void)
{
	const struct memory self = {getpid()};
	struct request_layout l = {0};
	size_t k;
	int i;

	for (i = 0; i < 300; i++) {
		build();
		for (k = 0; k < 30; k++)
			fake.words[1 + (size_t)rand() % 250] =
				rand() % 3 ? (uint64_t)rand() << (rand() % 33)
					   : (uintptr_t)&fake + (size_t)rand() % 0x900;
		request_layout_learn(&l, &self, (uintptr_t)&fake, true);
	}
}

/* ---- the phase ---------------------------------------------------------------------------------
 */

static void finds_where_the_phase_is(void)
{
	struct model *m = model_new();
	struct sample_request r = {.phases = {0, 0x5555, 4, 0x10}};
	uint32_t log = model_string(m, "log", 3), access = model_string(m, "access", 6);
	struct phase_votes votes = {0};
	int i;

	/* Two places hold a phase: the block that runs tells which is right. */
	for (i = 0; i < 10; i++)
		CHECK(phase_of(&votes, m, &r, log) == log);
	CHECK(phase_of(&votes, m, &r, 0) == log);
	r.phases[2] = 4;
	r.phases[3] = 0x80;
	CHECK(phase_of(&votes, m, &r, 0) == model_string(m, "timer", 5));
	/* Nothing is believed of what is contradicted. */
	r.phases[3] = 0x10;
	for (i = 0; i < 10; i++)
		phase_of(&votes, m, &r, access);
	CHECK(phase_of(&votes, m, &r, 0) == 0);
	memset(&r, 0, sizeof(r));
	CHECK(phase_of(&votes, m, &r, access) == access);
	model_free(m);
}

int main(void)
{
	RUN(names_requests());
	RUN(bounds_requests());
	RUN(survives_any_request());
	RUN(learns_the_layout());
	RUN(survives_any_memory());
	RUN(finds_where_the_phase_is());
	return CHECKS_RESULT;
}
