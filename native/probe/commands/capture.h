/* SPDX-License-Identifier: MIT */
/* One trace from start to stop: whom it samples, when it looks, and what it may cost. */
#ifndef ACUPOINT_CAPTURE_H
#define ACUPOINT_CAPTURE_H

#include "trace/failure.h"
#include "trace/trace.h"
#include "wire/messages.h"

enum { CAPTURE_MAX_PIDS = 1024 };

struct capture_options {
	pid_t pid;    /* one process, or 0 */
	pid_t master; /* all workers of a master, or 0 */
	uint32_t rate_hz;
	uint32_t budget; /* hundredths of a percent of a core for each worker; 0: no limit */
	enum sampler_kind sampler; /* SAMPLER_NONE: the best that works */
	bool request_labels;
	struct trace_events events;
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
	pid_t known[CAPTURE_MAX_PIDS];
	size_t known_count;
	uint64_t started_ns, started_unix_us;
	uint64_t next_poll_ns, next_scan_ns;
	bool seen_samples;
	uint64_t lost_before; /* by the model, in earlier traces of the session */
	/* Where the counters stood at the last health. */
	uint64_t health_ns, health_cpu_ns, health_bpf_ns;
	uint32_t over_budget; /* healths in a row */
	uint32_t pids[CAPTURE_MAX_PIDS];
};

/* NULL with `error` filled in. */
struct capture *capture_start(const struct capture_options *options, struct model *model,
			      struct trace_error *error);
/* Detaches from all targets. */
void capture_stop(struct capture *c);

/* Takes samples and looks for new workers when it is time. False when there is nobody left to
 * sample. */
bool capture_tick(struct capture *c, uint64_t now_ns);
/* Takes what is there, whether it is time or not. */
void capture_poll(struct capture *c, uint64_t now_ns);

size_t capture_pids(struct capture *c);
/* 0 or -errno. */
int capture_set_rate(struct capture *c, uint32_t rate_hz);
/* Cost since the last call; keeps the trace inside its budget. */
void capture_health(struct capture *c, uint64_t now_ns, struct wire_health *out);

#endif
