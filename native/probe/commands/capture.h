/* SPDX-License-Identifier: MIT */
/* One trace from start to stop: whom it samples, when it looks, and what it may cost. */
#ifndef ACUPOINT_CAPTURE_H
#define ACUPOINT_CAPTURE_H

#include "commands/budget.h"
#include "commands/weight.h"
#include "host/failure.h"
#include "trace/trace.h"
#include "wire/messages.h"

enum { CAPTURE_MAX_PIDS = 1024 };

struct capture_options {
	pid_t pid;	  /* one process, or 0 */
	pid_t master;	  /* all workers of a master, or 0 */
	uint32_t rate_hz; /* asked for */
	uint32_t budget;  /* hundredths of a percent of a core for each worker; 0: no limit */
	enum sampler_kind sampler; /* SAMPLER_NONE: the best that works */
	bool request_labels;
	struct notices notices;
};

struct capture {
	struct capture_options options;
	struct model *model;
	struct trace *trace;
	/*
	 * The master, and the one that an upgrade of its executable starts beside it. Start times
	 * tell them from later processes of the same pids.
	 */
	struct capture_master {
		pid_t pid; /* 0: none */
		uint64_t start_time;
	} masters[2];
	uint32_t rate_hz; /* in force */
	pid_t known[CAPTURE_MAX_PIDS];
	size_t known_count;
	uint64_t started_ns, started_unix_us;
	uint64_t next_poll_ns, next_scan_ns, next_tick_ns;
	bool seen_samples;
	uint64_t lost_before; /* by the model, in earlier traces of the session */
	/* Where the counters stood at the last health, and when the trace began. */
	struct capture_mark {
		uint64_t ns, cpu_ns, bpf_ns, stopped_ns;
		/* Of each instrument, as trace_watched() lists them. */
		uint64_t cost_ns[INSTRUMENTS_MAX], target_ns[INSTRUMENTS_MAX];
	} health_mark, start_mark;
	struct budget budget;
	struct weight weight;
	uint32_t due_hz; /* the rate to come; 0: the one in force */
	bool told_lowered;
	uint32_t pids[CAPTURE_MAX_PIDS];
};

/* NULL with `error` filled in. */
struct capture *capture_start(const struct capture_options *options, struct model *model,
			      struct failure *error);
/* Detaches from all targets. */
void capture_stop(struct capture *c);

/* Takes samples and looks for new workers when it is time. False when there is nobody left to
 * sample. */
bool capture_tick(struct capture *c, uint64_t now_ns);
/* Takes what is there, whether it is time or not. */
void capture_poll(struct capture *c, uint64_t now_ns);

size_t capture_pids(struct capture *c);
/* CPU time that a sample stands for now. */
uint32_t capture_period_us(const struct capture *c);
/* Another rate is asked for: due from now on. */
void capture_ask_rate(struct capture *c, uint32_t rate_hz);
/*
 * Cost since the last call, which is about a second ago. Sets due_hz where the budget asks for
 * another rate.
 */
void capture_health(struct capture *c, uint64_t now_ns, struct wire_health *out);
/*
 * Takes the rate that is due. Called once all rows of the old one are taken, since a row does not
 * say what it stands for. 0 or -errno: the old one stays.
 */
int capture_change_rate(struct capture *c);
/*
 * Switches an instrument on or off; all that are on share half of the budget. 0, or -1 with
 * `error`.
 */
int capture_watch(struct capture *c, const char *instrument, bool on, struct failure *error);
/* The same for the whole trace, without any effect. */
void capture_summary(struct capture *c, uint64_t now_ns, struct wire_health *out);

#endif
