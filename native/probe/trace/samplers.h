/* SPDX-License-Identifier: MIT */
/* Which way of sampling a trace takes: the best that this host allows, or the one asked for. */
#ifndef ACUPOINT_SAMPLERS_H
#define ACUPOINT_SAMPLERS_H

#include <stdint.h>

#include "host/failure.h"
#include "instruments/cpu/sampler.h"

struct trace_options;

/* The best sampler that this host allows now, without starting one. */
enum sampler_kind samplers_best(void);

/* Does not fall back to it: this process may not do what it takes. */
void samplers_leave_out(enum sampler_kind kind);

/* Says what a sampler costs and does not see, for the user; "" where there is nothing to say. */
const char *samplers_caveat(enum sampler_kind kind);

/* "bpf", "perf" or "ptrace"; SAMPLER_NONE: it is none of them. */
enum sampler_kind sampler_kind_of(const char *name);

/* The rate that it takes where so much is asked for. */
static inline uint32_t sampler_rate(const struct sampler_ops *ops, uint32_t asked_hz)
{
	return asked_hz < ops->most_hz ? asked_hz : ops->most_hz;
}

/*
 * The first that opens; a notice says what one that is not the best costs and does not see. NULL
 * with `error`, which says why the best one did not open.
 */
struct sampler *samplers_open(const struct trace_options *options, const struct sampler_ops **ops,
			      struct failure *error);

#endif
