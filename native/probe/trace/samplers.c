/* SPDX-License-Identifier: MIT */
#include "trace/samplers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/capabilities.h"
#include "host/refusal.h"
#include "trace/trace.h"

/* Best first. */
static const struct sampler_ops *const samplers[] = {&bpf_sampler_ops, &perf_ring_sampler_ops,
						     &ptrace_sampler_ops};
#define SAMPLERS (sizeof(samplers) / sizeof(*samplers))

/* Found out once: later this process may have given up what it takes to try. */
static struct {
	bool looked;
	bool available[SAMPLERS];
} known;

static void look_at_samplers(void)
{
	if (known.looked)
		return;
	known.looked = true;
	for (size_t i = 0; i < SAMPLERS; i++) {
		known.available[i] = samplers[i]->available();
		/* It may depend on the same, and is asked for later. */
		samplers[i]->caveat();
	}
}

enum sampler_kind samplers_best(void)
{
	look_at_samplers();
	for (size_t i = 0; i < SAMPLERS; i++) {
		if (known.available[i])
			return samplers[i]->kind;
	}
	return SAMPLER_NONE;
}

void samplers_leave_out(enum sampler_kind kind)
{
	look_at_samplers();
	for (size_t i = 0; i < SAMPLERS; i++) {
		if (samplers[i]->kind == kind)
			known.available[i] = false;
	}
}

const char *samplers_caveat(enum sampler_kind kind)
{
	size_t i;

	for (i = 0; i < SAMPLERS; i++)
		if (samplers[i]->kind == kind)
			return samplers[i]->caveat();
	return "";
}

enum sampler_kind sampler_kind_of(const char *name)
{
	static const char *const names[] = {
		[SAMPLER_BPF] = "bpf", [SAMPLER_PERF_RING] = "perf", [SAMPLER_PTRACE] = "ptrace"};
	size_t i;

	for (i = 1; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return (enum sampler_kind)i;
	return SAMPLER_NONE;
}

static bool is_allowed(const struct trace_options *options, const struct sampler_ops *ops)
{
	return options->sampler == SAMPLER_NONE || options->sampler == ops->kind;
}

static void tell_fallback(const struct trace_options *options, const char *caveat, const char *why)
{
	const struct notices *notices = &options->notices;
	bool asked = options->sampler != SAMPLER_NONE;
	char text[1024];

	if (!*caveat || !notices->notice)
		return;
	snprintf(text, sizeof(text), "%s%s%s%s", asked ? "" : "BPF cannot be used here. ",
		 asked ? "" : why, asked || !*why ? "" : " ", caveat);
	notices->notice(notices->context, NOTICE_SAMPLER_FELL_BACK, 0, text, "");
}

static void no_events(struct failure *error)
{
	char why[400];

	error->kind = FAILURE_NO_SAMPLER;
	refusal_text(standing_own(), CAPABILITY(PERFMON), why, sizeof(why));
	snprintf(error->text, sizeof(error->text),
		 "The kernel does not let the probe have perf events. %s", why);
}

struct sampler *samplers_open(const struct trace_options *options, const struct sampler_ops **ops,
			      struct failure *error)
{
	struct sampler *sampler = NULL;
	struct failure other = {0};
	bool first = true;
	size_t i;

	look_at_samplers();
	for (i = 0; i < SAMPLERS && !sampler; i++) {
		if (!is_allowed(options, samplers[i]))
			continue;
		*ops = samplers[i];
		/* Where none seems possible, trying the best says why. */
		if (first || known.available[i])
			sampler = (*ops)->open(sampler_rate(*ops, options->rate_hz),
					       first ? error : &other);
		/* A sampler that opens may be of no use all the same: without perf notices, say. */
		if (sampler && !known.available[i] && options->sampler == SAMPLER_NONE) {
			(*ops)->close(sampler);
			sampler = NULL;
			no_events(error);
		}
		free(other.detail);
		other.detail = NULL;
		first = false;
	}
	if (!sampler)
		return NULL;
	tell_fallback(options, (*ops)->caveat(), error->text);
	free(error->detail);
	error->detail = NULL;
	return sampler;
}
