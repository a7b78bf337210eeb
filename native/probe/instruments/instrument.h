/* SPDX-License-Identifier: MIT */
/*
 * A unit of the probe that can be switched on and off while a trace runs: it attaches or looks at
 * memory, spends from the budget, and adds rows to series of the model. The trace runs the
 * instruments of table.c and knows none of them by name. Sampling CPU time is not among them, since
 * it is what a trace is; see cpu/sampler.h.
 */
#ifndef ACUPOINT_INSTRUMENT_H
#define ACUPOINT_INSTRUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/failure.h"

struct model;
struct naming;
struct process;
struct walk_share;

/* All that an instrument works with. It stays valid until close(). */
struct traced {
	struct model *model;
	struct naming *naming;
	const struct walk_share *share; /* NULL: this sampler has no BPF program */
	const struct notices *notices;
	struct process *const *processes; /* traced now */
	size_t count;
	uint64_t started_ns; /* clock_monotonic_ns() at time 0 of the batches */
	/*
	 * Percent of a core that the instrument may cost for each process. It changes when others
	 * are switched on or off.
	 */
	float percent;
};

/* NULL: it is not traced any more. */
struct process *traced_process(const struct traced *t, pid_t pid);

/* Says that `what` ("Requests") cannot be watched without `means`, and what would change that. */
void instrument_needs_bpf(struct failure *error, const char *what, const char *means);

/* Sums since open(); as InstrumentState in acupoint.proto, where each is described. */
struct instrument_state {
	uint64_t watched_us, elapsed_us;
	uint64_t events, value, lost_events, lost_value;
	double requests;
	uint64_t cost_ns;    /* CPU time of the targets' part, the probe's and the kernel's */
	uint64_t target_ns;  /* the part of it that no clock of the probe or of its BPF programs has
			      */
	uint64_t bursts;     /* that it watched in; 0: it watches all the time */
	uint64_t trap_ns;    /* each event costs its process so much more while it is watched */
	const char *missing; /* NULL or "": nothing is. Valid until the next call */
};

struct instrument;

struct instrument_ops {
	const char *id; /* as Watch.instrument has it */
	/* NULL with `error`: this host or this sampler cannot. */
	struct instrument *(*open)(const struct traced *traced, struct failure *error);
	/* A process has joined, or is about to leave. NULL: the instrument need not know. */
	void (*add)(struct instrument *i, struct process *p);
	void (*remove)(struct instrument *i, struct process *p);
	/* Does what is due and takes what came in; when it wants to be called again, in ns. */
	uint64_t (*tick)(struct instrument *i, uint64_t now_ns);
	/* Ends what runs and adds the last rows. close() follows. */
	void (*end)(struct instrument *i);
	void (*close)(struct instrument *i);
	void (*state)(const struct instrument *i, struct instrument_state *out);
};

enum { INSTRUMENTS_MAX = 16 };

/* NULL-terminated. */
extern const struct instrument_ops *const instruments[];

#endif
