/* SPDX-License-Identifier: MIT */
/*
 * Takes samples of threads. The trace knows no more of it than this, so that a host without
 * BPF can be sampled by other means.
 */
#ifndef ACUPOINT_SAMPLER_H
#define ACUPOINT_SAMPLER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/failure.h"
#include "instruments/walk_share.h"
#include "walk/taken_sample.h"

struct sampler;

enum sampler_kind { SAMPLER_NONE = 0, SAMPLER_BPF = 1, SAMPLER_PERF_RING = 2, SAMPLER_PTRACE = 3 };

typedef void (*sampler_take)(void *context, const struct taken_sample *sample);

struct sampler_ops {
	enum sampler_kind kind;
	/*
	 * Says what a user must know before he reads the figures: what it costs and what it does
	 * not see. "" where there is nothing.
	 */
	const char *(*caveat)(void);
	/* The highest rate that it takes; more is lowered to it. */
	uint32_t most_hz;
	/* True where open() has a chance; costs microseconds. */
	bool (*available)(void);
	struct sampler *(*open)(uint32_t rate_hz, struct failure *error);
	void (*close)(struct sampler *s);
	/* Begins to sample all threads of a process. 0, or -1 with `error`. */
	int (*add)(struct sampler *s, pid_t pid, const struct sampled_process *process,
		   struct failure *error);
	void (*remove)(struct sampler *s, pid_t pid);
	/* Which VMs the process has now: takes effect with the next sample. 0 or -errno. */
	int (*describe)(struct sampler *s, pid_t pid, const struct sampled_process *process);
	/* Looks for threads that were started since. Called at every poll. */
	void (*follow)(struct sampler *s, pid_t pid);
	/* Hands over what was taken since the last call, oldest first; returns how many, or -errno.
	 */
	int (*poll)(struct sampler *s, sampler_take take, void *context);
	int (*set_rate)(struct sampler *s, uint32_t rate_hz);
	/* Sums since open(). */
	void (*count)(struct sampler *s, struct sampler_counts *out);
	/* Whether it sees all CPU time of its targets. NULL: it does not. */
	bool (*sees_all)(const struct sampler *s);
	/* Valid until close(). NULL: this sampler has none. */
	const struct walk_share *(*share)(struct sampler *s);
};

extern const struct sampler_ops bpf_sampler_ops;
extern const struct sampler_ops perf_ring_sampler_ops;
extern const struct sampler_ops ptrace_sampler_ops;

#endif
