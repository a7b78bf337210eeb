/* SPDX-License-Identifier: MIT */
/*
 * One trace: a sampler on some processes, their Lua VMs, and the naming of what the sampler sees.
 * Samples end up as rows of the model. Single-threaded.
 */
#ifndef ACUPOINT_TRACE_H
#define ACUPOINT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/failure.h"
#include "instruments/cpu/sampler.h"
#include "instruments/instrument.h"
#include "nginx/request_count.h"
#include "walk/state.h"

struct loaded_modules;
struct model;
struct series;

struct trace_options {
	uint32_t rate_hz;	   /* 1 to 4999 */
	enum sampler_kind sampler; /* SAMPLER_NONE: the best that works */
	bool request_labels;	   /* samples get method, host and URI */
	struct notices notices;
};

/* On-CPU time: each count of a row is one sample. */
extern const struct series cpu_series;

struct trace_stats {
	enum sampler_kind sampler;
	uint64_t samples, lost, truncated; /* lost ones are in none of the other figures */
	uint64_t lua_samples, lua_exact, lua_function, lua_trace_root, lua_unknown;
	uint64_t request_samples, other_requests; /* with a request; with "(other)" in it */
	uint64_t native_samples;		  /* with native frames */
	uint64_t walk_ends[UNWIND_STATES];	  /* of these, by how their native walk ended */
	uint64_t bpf_run_ns; /* CPU time of the BPF programs since the trace began */
	uint64_t stopped_ns, longest_stop_ns; /* targets, by a sampler that stops them */
	/*
	 * CPU time that the traced processes used since they were added, what their samples stood
	 * for by the period alone, and how many times its period one stands for now.
	 */
	uint64_t target_cpu_ns, sampled_us;
	double weight;
	uint32_t rate_hz;
	uint64_t handled_requests;
	enum request_scope request_scope;
	const char *requests_missing;
};

struct trace;
struct worker_memory;
struct zones;

/*
 * Loads the best sampler that works, or the one that was asked for; a notice says what one without
 * BPF costs and does not see. NULL on failure, with `error` filled in.
 */
struct trace *trace_open(const struct trace_options *options, struct model *model,
			 struct failure *error);
/* Time 0 of what instruments add, by clock_monotonic_ns(). */
uint64_t trace_started_ns(const struct trace *t);
/* Detaches from everything and frees. */
void trace_close(struct trace *t);

/*
 * Begins to sample all threads of a process (those it starts later included) and finds its VMs,
 * without stopping it. 0, or -1 with `error`. A process without a Lua VM is sampled all the same;
 * VMs that appear later are found.
 */
int trace_add(struct trace *t, pid_t pid, struct failure *error);
size_t trace_pids(const struct trace *t, pid_t *out, size_t capacity);
/* Writes what their memory is now. Returns how many were written. */
size_t trace_memory(const struct trace *t, struct worker_memory *out, size_t capacity);
/* Memory that they share, by the one that joined last; NULL: it was told a moment ago. */
const struct zones *trace_zones(struct trace *t);

/*
 * Takes what the sampler has, names it and adds rows to the model. Called every 50 to 250 ms.
 * Returns the number of samples taken. Processes that have exited are removed, with a notice.
 */
int trace_poll(struct trace *t);

/* Modules that VMs were found to have loaded, not sent yet; forgotten by the second function. */
const struct loaded_modules *trace_loaded(const struct trace *t, size_t *count);
void trace_loaded_sent(struct trace *t, size_t count);

/*
 * Switches an instrument on or off. All that are on may cost `percent` of a core for each process
 * together. 0, or -1 with `error`: there is none of this id, or this host or this sampler cannot.
 */
int trace_watch(struct trace *t, const char *id, bool on, float percent, struct failure *error);
/* Switches all of them off; their last rows are in the model. */
void trace_watch_nothing(struct trace *t);
/* Lets instruments do what is due; when one wants to be called again. */
uint64_t trace_tick(struct trace *t, uint64_t now_ns);

struct watched {
	const char *id;
	bool on;
	struct instrument_state state; /* since it was last switched on */
};
/* All that were ever on. At most INSTRUMENTS_MAX. */
size_t trace_watched(const struct trace *t, struct watched *out);

/* 0 or -errno. */
int trace_set_rate(struct trace *t, uint32_t rate_hz);
/*
 * Compares samples with the CPU time that the kernel counted, to be called about once a second: the
 * stats say what came out. A sampler that does not see everything is weighed by 1.
 */
void trace_hold_against_cpu(struct trace *t);
/* How many times its period a sample stands for now. */
double trace_weight(const struct trace *t);
void trace_get_stats(const struct trace *t, struct trace_stats *out);
/* Fills in what nginx has counted; some system calls for each process. */
void trace_count_requests(struct trace *t, struct trace_stats *out);

#endif
