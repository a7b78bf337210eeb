/* SPDX-License-Identifier: MIT */
#include "trace/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "host/failure.h"
#include "host/usage.h"
#include "instruments/cpu/sampler.h"
#include "instruments/memory/worker_memory.h"
#include "instruments/memory/zone_watch.h"
#include "naming/place.h"
#include "naming/process.h"
#include "native/mapped_file.h"
#include "trace/cpu_account.h"
#include "trace/endings.h"
#include "trace/loaded.h"
#include "trace/samplers.h"
#include "trace/watching.h"
#include "walk/state.h"

#define IDENTITIES_MAX (1u << 20)
#define FOLLOW_EVERY_MS 500
#define PIDS_MAX 1024

const struct series cpu_series = {
	.name = "cpu",
	.instrument = "cpu",
	.unit = "us",
	.shape = SERIES_STACKS,
	.counted = true,
};

struct trace {
	const struct sampler_ops *ops;
	struct sampler *sampler;
	struct trace_options options;
	struct trace_stats stats;
	struct identities identities;
	struct model *model;
	struct naming naming;
	struct loaded loaded;
	struct request_counts requests;
	struct zone_watch zones;
	struct watching watching;
	struct cpu_account account;
	struct process **processes;
	size_t count, capacity;
	uint64_t ended_cpu_ns; /* of processes that have ended */
	uint64_t strays;       /* samples whose process was gone when they came */
};

struct trace *trace_open(const struct trace_options *options, struct model *model,
			 struct failure *error)
{
	struct trace *t = calloc(1, sizeof(*t));

	error->detail = NULL;
	error->text[0] = '\0';
	if (!t) {
		failure_no_memory(error);
		return NULL;
	}
	t->options = *options;
	t->identities = identities_of(model, IDENTITIES_MAX);
	t->model = model;
	naming_init(&t->naming, model, options->request_labels, &t->options.notices);
	t->sampler = samplers_open(&t->options, &t->ops, error);
	if (!t->sampler) {
		trace_close(t);
		return NULL;
	}
	t->options.rate_hz = sampler_rate(t->ops, t->options.rate_hz);
	t->stats.sampler = t->ops->kind;
	t->stats.weight = 1;
	watching_init(&t->watching,
		      &(struct traced){
			      .model = model,
			      .naming = &t->naming,
			      .share = t->ops->share ? t->ops->share(t->sampler) : NULL,
			      .notices = &t->options.notices,
			      .started_ns = clock_monotonic_ns(),
		      });
	return t;
}

void trace_close(struct trace *t)
{
	size_t i;

	if (!t)
		return;
	/* They work with the sampler's maps. */
	watching_close(&t->watching);
	if (t->sampler)
		t->ops->close(t->sampler);
	for (i = 0; i < t->count; i++)
		process_free(t->processes[i]);
	free(t->processes);
	mapped_files_forget(true);
	naming_free(&t->naming);
	loaded_free(&t->loaded);
	request_counts_free(&t->requests);
	zone_watch_free(&t->zones);
	identities_free(&t->identities);
	free(t);
}

static struct process *find_process(const struct trace *t, pid_t pid)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->processes[i]->pid == pid)
			return t->processes[i];
	return NULL;
}

int trace_add(struct trace *t, pid_t pid, struct failure *error)
{
	struct sampled_process described;
	struct process *p;

	error->detail = NULL;
	if (!array_reserve(t->processes, t->capacity, t->count + 1, 8)) {
		failure_no_memory(error);
		return -1;
	}
	if (find_process(t, pid)) {
		error->kind = FAILURE_BAD_REQUEST;
		snprintf(error->text, sizeof(error->text), "Process %d is sampled already.",
			 (int)pid);
		return -1;
	}
	p = process_open(pid, &t->identities, clock_monotonic_ms(), &t->options.notices, error);
	if (!p)
		return -1;
	p->request.known.wanted = t->options.request_labels;
	process_describe(p, &described);
	if (t->ops->add(t->sampler, pid, &described, error)) {
		process_free(p);
		return -1;
	}
	t->processes[t->count++] = p;
	watching_add(&t->watching, t->processes, t->count);
	request_counts_add(&t->requests, pid);
	p->cpu_before_ns = p->cpu_held_ns = p->cpu_ns = clock_process_ns(pid);
	return 0;
}

static void remove_at(struct trace *t, size_t i)
{
	struct process *p = t->processes[i];
	pid_t left[PIDS_MAX], pid = p->pid;
	size_t count;

	t->ended_cpu_ns += p->cpu_ns - p->cpu_before_ns;
	watching_remove(&t->watching, p);
	t->ops->remove(t->sampler, pid);
	process_free(p);
	memmove(&t->processes[i], &t->processes[i + 1],
		(t->count - i - 1) * sizeof(struct process *));
	t->count--;
	watching_removed(&t->watching, t->processes, t->count);
	count = trace_pids(t, left, PIDS_MAX);
	request_counts_remove(&t->requests, pid, left, count < PIDS_MAX ? count : PIDS_MAX);
}

size_t trace_pids(const struct trace *t, pid_t *out, size_t capacity)
{
	size_t i;

	for (i = 0; i < t->count && i < capacity; i++)
		out[i] = t->processes[i]->pid;
	return t->count;
}

size_t trace_memory(const struct trace *t, struct worker_memory *out, size_t capacity)
{
	size_t i;

	for (i = 0; i < t->count && i < capacity; i++)
		worker_memory_read(t->processes[i], &out[i]);
	return i;
}

const struct zones *trace_zones(struct trace *t)
{
	return t->count ? zone_watch_look(&t->zones, t->processes[t->count - 1]->pid,
					  clock_monotonic_ms())
			: NULL;
}

static uint32_t period_us(const struct trace *t)
{
	return 1000000 / t->options.rate_hz;
}

static void count(struct trace_stats *stats, const struct named_sample *sample)
{
	enum quality quality = sample->labels.quality;

	stats->truncated += sample->truncated;
	stats->lua_samples += quality != QUALITY_NO_LUA;
	stats->lua_exact += quality == QUALITY_EXACT;
	stats->lua_function += quality == QUALITY_FUNCTION;
	stats->lua_trace_root += quality == QUALITY_TRACE_ROOT;
	stats->lua_unknown += quality == QUALITY_UNKNOWN;
	stats->request_samples += sample->request != 0;
	stats->other_requests += sample->other_request;
	if (!sample->has_native)
		return;
	stats->native_samples++;
	stats->walk_ends[sample->native_state < UNWIND_STATES ? sample->native_state : 0]++;
}

static void take(void *context, const struct taken_sample *sample)
{
	struct trace *t = context;
	struct process *p = find_process(t, sample->head->pid);
	struct model_place place;
	struct named_sample named;

	if (!p) {
		t->strays++;
		return;
	}
	name_sample(&t->naming, p, sample, &named);
	place = place_of(t->model, &named);
	t->stats.samples++;
	count(&t->stats, &named);
	model_add(t->model, &cpu_series, &place, 1, 0);
	cpu_account_sample(&t->account, p, period_us(t));
}

static void remove_exited(struct trace *t)
{
	size_t i = 0;

	while (i < t->count) {
		if (t->processes[i]->exited &&
		    tell_ending(&t->options.notices, t->processes[i], t->naming.now_ms))
			remove_at(t, i);
		else
			i++;
	}
}

/* New threads, new VMs. */
static void refresh(struct trace *t, struct process *p)
{
	struct sampled_process described;

	if (t->naming.now_ms - p->followed_ms >= FOLLOW_EVERY_MS) {
		p->followed_ms = t->naming.now_ms;
		t->ops->follow(t->sampler, p->pid);
	}
	if (process_look(p, t->naming.now_ms, &t->options.notices) || p->request_news) {
		p->request_news = false;
		process_describe(p, &described);
		t->ops->describe(t->sampler, p->pid, &described);
	}
}

int trace_poll(struct trace *t)
{
	size_t i, k;
	int taken;

	naming_begin(&t->naming, t->processes, t->count);
	/* Asked before: then what comes now has all that was sampled of it. */
	for (i = 0; i < t->count; i++) {
		if (!t->processes[i]->exited)
			t->processes[i]->exited_ms = t->naming.now_ms;
		t->processes[i]->exited = process_exited(t->processes[i]);
	}
	taken = t->ops->poll(t->sampler, take, t);
	for (i = 0; i < t->count; i++) {
		naming_learn_requests(&t->naming, t->processes[i]);
		refresh(t, t->processes[i]);
		worker_memory_look(t->processes[i]);
		for (k = 0; k < t->processes[i]->vm_count; k++)
			loaded_look(&t->loaded, t->model, t->processes[i]->vms[k],
				    t->naming.now_ms);
	}
	remove_exited(t);
	mapped_files_forget(false);
	return taken < 0 ? 0 : taken;
}

const struct loaded_modules *trace_loaded(const struct trace *t, size_t *count)
{
	*count = t->loaded.count;
	return t->loaded.sets;
}

void trace_loaded_sent(struct trace *t, size_t count)
{
	loaded_sent(&t->loaded, count);
}

int trace_watch(struct trace *t, const char *id, bool on, float percent, struct failure *error)
{
	return watching_switch(&t->watching, id, on, percent, error);
}

void trace_watch_nothing(struct trace *t)
{
	struct failure unused;

	for (size_t i = 0; instruments[i]; i++)
		watching_switch(&t->watching, instruments[i]->id, false, 0, &unused);
}

uint64_t trace_tick(struct trace *t, uint64_t now_ns)
{
	return watching_tick(&t->watching, now_ns);
}

uint64_t trace_started_ns(const struct trace *t)
{
	return t->watching.traced.started_ns;
}

size_t trace_watched(const struct trace *t, struct watched *out)
{
	return watching_list(&t->watching, out);
}

int trace_set_rate(struct trace *t, uint32_t rate_hz)
{
	int result;

	rate_hz = sampler_rate(t->ops, rate_hz);
	result = t->ops->set_rate(t->sampler, rate_hz);

	if (!result)
		t->options.rate_hz = rate_hz;
	return result;
}

void trace_count_requests(struct trace *t, struct trace_stats *out)
{
	pid_t pids[PIDS_MAX];
	size_t count = trace_pids(t, pids, PIDS_MAX);

	out->request_scope =
		request_counts_read(&t->requests, pids, count < PIDS_MAX ? count : PIDS_MAX,
				    &out->handled_requests, &out->requests_missing);
}

void trace_hold_against_cpu(struct trace *t)
{
	cpu_account_look(&t->account, t->processes, t->count);
	t->stats.sampled_us = t->account.sampled_us;
	if (t->ops->sees_all && t->ops->sees_all(t->sampler))
		t->stats.weight = cpu_account_weight(&t->account, t->count, period_us(t));
}

double trace_weight(const struct trace *t)
{
	return t->stats.weight;
}

void trace_get_stats(const struct trace *t, struct trace_stats *out)
{
	struct sampler_counts counts;
	size_t i;

	t->ops->count(t->sampler, &counts);
	*out = t->stats;
	out->target_cpu_ns = t->ended_cpu_ns;
	for (i = 0; i < t->count; i++)
		out->target_cpu_ns += t->processes[i]->cpu_ns - t->processes[i]->cpu_before_ns;
	out->lost = counts.lost + t->strays;
	out->bpf_run_ns = counts.run_ns;
	out->stopped_ns = counts.stopped_ns;
	out->longest_stop_ns = counts.longest_stop_ns;
	out->rate_hz = t->options.rate_hz;
}
