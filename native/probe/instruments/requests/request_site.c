/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_site.h"

#include <stdlib.h>
#include <string.h>

#include "instruments/requests/request_whole.h"

enum {
	ROUTES_MAX = 4096,
	ROUTE_NAME_MAX = 127,
	/* Copies cost: a build whose requests are not understood by then never will be. */
	TRIES = 256,
	COPIES = 64, /* that come before anybody has looked at the first */
};
/* In ngx_http_core_main_conf_t; one of its elements {checker, handler, next}. */
#define PHASE_HANDLERS 0x28
#define HANDLER_WORDS 3

struct request_site *request_site_new(const struct process *p)
{
	struct request_site *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->pid = p->pid;
	s->routes = id_map_of(ROUTES_MAX);
	memset(s->traps, -1, sizeof(s->traps));
	s->layout = p->request;
	request_code_find(p->pid, &s->code, &s->missing);
	if (s->code.fd >= 0)
		s->missing = NULL;
	return s;
}

void request_site_free(struct request_site *s)
{
	if (!s)
		return;
	request_code_close(&s->code);
	id_map_free(&s->routes);
	free(s);
}

void request_site_place(struct request_site *s, bool texts)
{
	s->place = (struct request_place){
		.texts = texts,
		.whole = s->tries < TRIES ? COPIES : 0,
		.cached_time = s->code.cached_time,
	};
	if (!request_site_known(s))
		return;
	s->place.line = s->layout.known.line;
	s->place.server = s->layout.known.server;
	s->place.whole = 0;
}

/* Requests that came before the program knew are copied, too. */
bool request_site_learn(struct request_site *s, const struct request_whole *w,
			struct request_end *out)
{
	bool known = request_site_known(s);

	if (!known && s->tries < TRIES) {
		s->tries++;
		known = request_whole_learn(w, &s->layout);
	}
	*out = w->end;
	if (known) {
		request_site_place(s, s->place.texts);
		request_whole_read(w, &s->place, out);
	}
	return known;
}

/* ngx_http_core_loc_conf_t, the first of a location's, begins with its name. */
static uint32_t read_route(const struct request_site *s, struct model *m, uint64_t locations)
{
	const struct memory memory = {s->pid};
	char text[ROUTE_NAME_MAX];
	uint64_t core, name[2];

	if (!memory_u64(&memory, locations, &core) ||
	    !memory_read(&memory, core, name, sizeof(name)) || !name[0] || !name[1])
		return 0;
	if (name[0] > sizeof(text))
		name[0] = sizeof(text);
	return memory_read(&memory, name[1], text, name[0]) ? model_string(m, text, name[0]) : 0;
}

uint32_t request_site_route(struct request_site *s, struct model *m, uint64_t locations)
{
	uint32_t route;

	if (!locations)
		return 0;
	if (id_map_get(&s->routes, locations, &route))
		return route;
	/* No configuration has so many; a process that is none of nginx's could. */
	if (s->routes.count >= ROUTES_MAX / 2)
		return 0;
	route = read_route(s, m, locations);
	id_map_put(&s->routes, locations, route, NULL);
	return route;
}

static enum request_checker checker_of(const struct request_site *s, uint64_t address)
{
	for (int i = 0; i < CHECKERS; i++)
		if (s->code.checkers[i] == address)
			return (enum request_checker)i;
	return CHECKERS;
}

/*
 * Several phases have one checker; their order, which is the same in all versions, tells which it
 * is.
 */
static const char *phase_name(enum request_checker c, enum request_checker *passed)
{
	static const char *const names[CHECKERS] = {
		[CHECKER_FIND_CONFIG] = "find_config", [CHECKER_POST_REWRITE] = "post_rewrite",
		[CHECKER_ACCESS] = "access",	       [CHECKER_POST_ACCESS] = "post_access",
		[CHECKER_CONTENT] = "content",
	};
	bool is_early = *passed == CHECKERS || *passed == CHECKER_REWRITE;

	if (c == CHECKER_REWRITE && is_early) {
		*passed = c;
		return "server_rewrite";
	}
	if (c == CHECKER_REWRITE)
		return "rewrite";
	if (c != CHECKER_GENERIC) {
		*passed = c;
		return names[c];
	}
	if (is_early)
		return "post_read";
	return *passed == CHECKER_ACCESS || *passed == CHECKER_POST_ACCESS ? "precontent"
									   : "preaccess";
}

static void read_phases(struct request_site *s, struct model *m, uint64_t main)
{
	const struct memory memory = {s->pid};
	uint64_t core, at, handlers[REQUEST_PHASES_MAX][HANDLER_WORDS];
	enum request_checker c, passed = CHECKERS;
	const char *name;
	size_t n;

	s->phase_count = 0;
	if (!memory_u64(&memory, main, &core) || !memory_u64(&memory, core + PHASE_HANDLERS, &at))
		return;
	n = memory_read_some(&memory, at, handlers, sizeof(handlers)) / sizeof(*handlers);
	for (size_t i = 0; i < n; i++) {
		c = checker_of(s, handlers[i][0]);
		if (c == CHECKERS)
			return;
		name = phase_name(c, &passed);
		s->phases[s->phase_count++] = model_string(m, name, strlen(name));
	}
}

/* One that nginx could not read came to no phase. */
uint32_t request_site_phase(struct request_site *s, struct model *m, const struct request_end *e)
{
	enum { BAD_REQUEST = 400 };

	if (!e->main || !e->line_length || (e->status == BAD_REQUEST && !e->phase))
		return 0;
	if (s->phases_of != e->main) {
		s->phases_of = e->main;
		read_phases(s, m, e->main);
	}
	return e->phase < s->phase_count ? s->phases[e->phase] : 0;
}
