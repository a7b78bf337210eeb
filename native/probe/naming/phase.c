/* SPDX-License-Identifier: MIT */
#include "naming/phase.h"

#include <string.h>

/* Samples that a place must have had the phase of before it is believed. */
#define ENOUGH 8
/* One in so many may contradict. */
#define TOLERANCE 20

/* By bit of NGX_HTTP_LUA_CONTEXT_*, as the blocks are called. */
static const char *const names[] = {"set",
				    "rewrite",
				    "access",
				    "content",
				    "log",
				    "header_filter",
				    "body_filter",
				    "timer",
				    "init_worker",
				    "balancer",
				    "ssl_certificate",
				    "ssl_session_store",
				    "ssl_session_fetch",
				    "exit_worker",
				    "ssl_client_hello",
				    "server_rewrite"};

static uint32_t name_of(struct model *m, uint16_t context)
{
	const char *name;

	if (!context || (context & (context - 1)))
		return 0;
	name = names[__builtin_ctz(context)];
	return model_string(m, name, strlen(name));
}

/* The one place that fits; none where several do. */
static int believed(const struct phase_votes *v)
{
	int found = -1;

	for (int i = 0; i < REQUEST_PHASES; i++) {
		if (v->place[i].none * TOLERANCE > v->samples ||
		    v->place[i].wrong * TOLERANCE > v->place[i].right)
			continue;
		if (found >= 0)
			return -1;
		found = i;
	}
	return v->samples < ENOUGH ? -1 : found;
}

uint32_t phase_of(struct phase_votes *v, struct model *m, const struct sample_request *request,
		  uint32_t block)
{
	static const uint16_t nothing[REQUEST_PHASES];
	uint32_t phase[REQUEST_PHASES];
	int place;

	/* Nothing but zeros: the context was not copied. */
	if (!memcmp(request->phases, nothing, sizeof(nothing)))
		return block;
	v->samples++;
	for (int i = 0; i < REQUEST_PHASES; i++) {
		phase[i] = name_of(m, request->phases[i]);
		v->place[i].none += !phase[i];
		if (block && phase[i]) {
			v->place[i].right += phase[i] == block;
			v->place[i].wrong += phase[i] != block;
		}
	}
	place = believed(v);
	return place >= 0 && phase[place] ? phase[place] : block;
}
