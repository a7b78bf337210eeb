/* SPDX-License-Identifier: MIT */
#include "commands/capture.h"

#include "host/process_error.h"
#include "host/procfs.h"
#include "host/refusal.h"
#include "host/report.h"
#include "host/usage.h"
#include "nginx/processes.h"
#include "trace/samplers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND 1000000ull

enum {
	FIRST_POLL_MS = 25, /* until there are samples: the first picture is waited for */
	SCAN_MS = 300,
	SCAN_EMPTY_MS = 25, /* a worker that crashes soon has no time to lose */
	/* Reading VMs and symbols at the start is not what the trace costs from then on. */
	BUDGET_AFTER_MS = 2500,
};

static void fail(struct failure *error, int kind, const char *text)
{
	error->kind = kind;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text), "%s", text);
}

static bool check_privilege(const struct capture *c, struct failure *error)
{
	pid_t pid = c->known_count ? c->known[0] : c->masters[0].pid;
	char text[sizeof(error->text)];

	/* One's own processes can be sampled without any, if not by BPF. */
	if (proc_may_read(pid) && samplers_best() != SAMPLER_NONE)
		return true;
	if (!host_privilege_text(text, sizeof(text)))
		return true;
	fail(error, FAILURE_PRIVILEGE, text);
	return false;
}

static size_t all_workers(const struct capture *c, pid_t *out, size_t capacity)
{
	const struct known_pids known = {c->known, c->known_count};
	size_t count = nginx_workers_of(c->masters[0].pid, &known, out, capacity);

	if (c->masters[1].pid)
		count += nginx_workers_of(c->masters[1].pid, &known, out + count, capacity - count);
	return count;
}

static bool check_targets(struct capture *c, struct failure *error)
{
	pid_t pid = c->options.master ? c->options.master : c->options.pid;
	struct proc_stat stat;
	enum nginx_role role;
	char text[256];

	if (standing_own()->astray) {
		fail(error, FAILURE_OTHER,
		     "/proc is here that of another pid namespace, so its process numbers mean "
		     "nothing to the probe. Start the container with --pid=host (Kubernetes: "
		     "hostPID), or the probe in the namespace of /proc (nsenter), or on the host.");
		return false;
	}
	if (pid <= 0 || proc_stat(pid, &stat)) {
		process_missing(error, pid);
		return false;
	}
	if (stat.state == 'Z') {
		snprintf(text, sizeof(text),
			 "Process %d has ended. List the nginx processes again and choose one of "
			 "them.",
			 pid);
		fail(error, FAILURE_NO_SUCH_PROCESS, text);
		return false;
	}
	if (!c->options.master) {
		c->known[c->known_count++] = pid;
		return true;
	}
	c->masters[0] = (struct capture_master){pid, stat.start_time};
	role = nginx_role_of(pid);
	if (role == NGINX_MASTER || role == NGINX_SINGLE) {
		c->known_count = all_workers(c, c->known, CAPTURE_MAX_PIDS);
		return true;
	}
	snprintf(text, sizeof(text),
		 "Process %d (%s) is not an nginx master. Choose one from the list of nginx "
		 "servers, or trace the process by its own pid.",
		 pid, stat.name);
	fail(error, FAILURE_NOT_NGINX, text);
	return false;
}

static void tell_failure(const struct capture *c, pid_t pid, struct failure *error)
{
	const struct notices *notices = &c->options.notices;

	notices->notice(notices->context, NOTICE_OTHER, pid, error->text, error->detail);
	free(error->detail);
	error->detail = NULL;
}

enum added { ADDED, ENDED, REFUSED };

/* With `error` where it was refused. A worker may end while it is added, which is no fault. */
static enum added add_worker(struct capture *c, pid_t pid, struct failure *error)
{
	struct proc_stat stat;

	memset(error, 0, sizeof(*error));
	if (!trace_add(c->trace, pid, error))
		return ADDED;
	if (!c->options.master || (!proc_stat(pid, &stat) && !strchr("ZXx", stat.state)))
		return REFUSED;
	free(error->detail);
	memset(error, 0, sizeof(*error));
	return ENDED;
}

static void tell_waiting(const struct capture *c)
{
	const struct notices *notices = &c->options.notices;
	char text[256];

	snprintf(text, sizeof(text),
		 "The nginx master %d has no worker now. The first that it starts will be traced; "
		 "its error log may say why it has none.",
		 c->masters[0].pid);
	notices->notice(notices->context, NOTICE_OTHER, c->masters[0].pid, text, "");
}

static bool add_targets(struct capture *c, struct failure *error)
{
	struct failure latest;
	pid_t refused = 0, traced;

	/* To load a sampler takes a while, in which workers come and go. */
	if (c->options.master)
		c->known_count = all_workers(c, c->known, CAPTURE_MAX_PIDS);
	for (size_t i = 0; i < c->known_count; i++) {
		if (add_worker(c, c->known[i], &latest) != REFUSED)
			continue;
		if (refused)
			tell_failure(c, refused, error);
		*error = latest;
		refused = c->known[i];
	}
	if (!trace_pids(c->trace, &traced, 1) && refused)
		return false;
	if (refused)
		tell_failure(c, refused, error);
	else if (!trace_pids(c->trace, &traced, 1))
		tell_waiting(c);
	return true;
}

/* The sampler may take less than was asked for. */
static void keep_rate(struct capture *c)
{
	struct trace_stats stats;

	trace_get_stats(c->trace, &stats);
	c->rate_hz = stats.rate_hz;
}

static struct capture_mark mark_of(const struct trace_stats *stats, uint64_t now_ns)
{
	return (struct capture_mark){
		.ns = now_ns,
		.cpu_ns = clock_cpu_ns(),
		.bpf_ns = stats->bpf_run_ns,
		.stopped_ns = stats->stopped_ns,
	};
}

struct capture *capture_start(const struct capture_options *options, struct model *model,
			      struct failure *error)
{
	struct trace_options trace_options = {options->rate_hz, options->sampler,
					      options->request_labels, options->notices};
	struct capture *c = calloc(1, sizeof(*c));
	struct trace_stats stats;

	memset(error, 0, sizeof(*error));
	if (!c) {
		failure_no_memory(error);
		return NULL;
	}
	c->options = *options;
	c->model = model;
	c->lost_before = model_lost(model, &cpu_series);
	if (!check_targets(c, error) || !check_privilege(c, error))
		goto failed;
	c->trace = trace_open(&trace_options, model, error);
	if (!c->trace)
		goto failed;
	keep_rate(c);
	budget_init(&c->budget, c->rate_hz);
	c->started_ns = trace_started_ns(c->trace);
	c->started_unix_us = clock_unix_us() - (clock_monotonic_ns() - c->started_ns) / 1000;
	if (!add_targets(c, error))
		goto failed;
	trace_get_stats(c->trace, &stats);
	c->start_mark = c->health_mark = mark_of(&stats, clock_monotonic_ns());
	return c;
failed:
	capture_stop(c);
	return NULL;
}

void capture_stop(struct capture *c)
{
	if (!c)
		return;
	if (c->trace)
		trace_close(c->trace);
	free(c);
}

size_t capture_pids(struct capture *c)
{
	pid_t pids[CAPTURE_MAX_PIDS];
	size_t count = trace_pids(c->trace, pids, CAPTURE_MAX_PIDS);

	if (count > CAPTURE_MAX_PIDS)
		count = CAPTURE_MAX_PIDS;
	for (size_t i = 0; i < count; i++)
		c->pids[i] = (uint32_t)pids[i];
	return count;
}

uint32_t capture_period_us(const struct capture *c)
{
	return (uint32_t)(1000000.0 / c->rate_hz * trace_weight(c->trace));
}

static bool lives(const struct capture_master *master)
{
	struct proc_stat stat;

	return master->pid && !proc_stat(master->pid, &stat) && stat.state != 'Z' &&
	       stat.start_time == master->start_time;
}

/* Notices the master that an upgrade starts (USR2), which takes over when the old one leaves. */
static bool follow_masters(struct capture *c)
{
	pid_t children[CAPTURE_MAX_PIDS];
	struct proc_stat stat;
	size_t count;

	if (!lives(&c->masters[0])) {
		c->masters[0] = c->masters[1];
		c->masters[1].pid = 0;
	}
	if (!lives(&c->masters[0]))
		return false;
	if (lives(&c->masters[1]))
		return true;
	c->masters[1].pid = 0;
	count = process_children(c->masters[0].pid, children, CAPTURE_MAX_PIDS);
	for (size_t i = 0; i < count; i++) {
		if (nginx_role_of(children[i]) == NGINX_MASTER && !proc_stat(children[i], &stat))
			c->masters[1] = (struct capture_master){children[i], stat.start_time};
	}
	return true;
}

static bool is_known(const struct capture *c, pid_t pid)
{
	for (size_t i = 0; i < c->known_count; i++) {
		if (c->known[i] == pid)
			return true;
	}
	return false;
}

/* Adds what a reload brought. One that could not be added is reported once and not tried again. */
static void scan_workers(struct capture *c)
{
	pid_t workers[CAPTURE_MAX_PIDS], traced;
	size_t count = all_workers(c, workers, CAPTURE_MAX_PIDS);
	const struct notices *notices = &c->options.notices;
	struct failure error;
	enum added added;
	char text[128];

	for (size_t i = 0; i < count; i++) {
		if (is_known(c, workers[i]))
			continue;
		added = add_worker(c, workers[i], &error);
		if (added == REFUSED)
			tell_failure(c, workers[i], &error);
		if (added != ADDED)
			continue;
		budget_begins(&c->budget);
		snprintf(text, sizeof(text), "Worker %d has joined.", workers[i]);
		notices->notice(notices->context, NOTICE_WORKER_JOINED, workers[i], text, "");
	}
	memcpy(c->known, workers, count * sizeof(*workers));
	c->known_count = count;
	if (!trace_pids(c->trace, &traced, 1))
		c->next_scan_ns -= (SCAN_MS - SCAN_EMPTY_MS) * MILLISECOND;
}

/* A full ring buffer loses samples, an empty one costs a wake-up. */
static uint64_t poll_interval_ms(const struct capture *c)
{
	uint64_t per_second = (uint64_t)c->rate_hz * (c->known_count ? c->known_count : 1);

	if (!c->seen_samples)
		return FIRST_POLL_MS;
	return per_second <= 400 ? 250 : per_second <= 4000 ? 100 : 50;
}

void capture_poll(struct capture *c, uint64_t now_ns)
{
	if (trace_poll(c->trace) > 0)
		c->seen_samples = true;
	c->next_poll_ns = now_ns + poll_interval_ms(c) * MILLISECOND;
}

bool capture_tick(struct capture *c, uint64_t now_ns)
{
	pid_t pid;

	if (now_ns >= c->next_poll_ns)
		capture_poll(c, now_ns);
	if (now_ns >= c->next_tick_ns)
		c->next_tick_ns = trace_tick(c->trace, now_ns);
	if (now_ns >= c->next_scan_ns) {
		c->next_scan_ns = now_ns + SCAN_MS * MILLISECOND;
		if (c->options.master && follow_masters(c))
			scan_workers(c);
	}
	return c->masters[0].pid || trace_pids(c->trace, &pid, 1) > 0;
}

void capture_ask_rate(struct capture *c, uint32_t rate_hz)
{
	c->options.rate_hz = c->due_hz = rate_hz;
	budget_init(&c->budget, rate_hz);
}

int capture_change_rate(struct capture *c)
{
	int result;

	trace_hold_against_cpu(c->trace);
	result = c->due_hz ? trace_set_rate(c->trace, c->due_hz) : 0;
	keep_rate(c);
	/* The budget need not strive for a rate that the sampler cannot take. */
	if (c->due_hz == c->options.rate_hz)
		c->budget.asked_hz = c->rate_hz;
	c->due_hz = 0;
	return result;
}

/* Percent of a core for all workers together; 0: no limit. */
static float allowed(const struct capture *c, size_t workers)
{
	return (float)c->options.budget / 100 * (float)(workers ? workers : 1);
}

/* Once for each time that the rate leaves what was asked for, and once when it is back. */
static void tell_rate(struct capture *c, uint32_t rate_hz, float cost, float may_cost)
{
	const struct notices *notices = &c->options.notices;
	char text[256];

	if (c->told_lowered ? rate_hz < c->budget.asked_hz : rate_hz >= c->rate_hz)
		return;
	c->told_lowered = !c->told_lowered;
	if (c->told_lowered)
		snprintf(text, sizeof(text),
			 "The trace cost %.2f %% of a core and may cost %.2f %%: it now samples at "
			 "%u Hz instead of %u Hz, and goes up again when there is room.",
			 (double)cost, (double)may_cost, rate_hz, c->rate_hz);
	else
		snprintf(text, sizeof(text),
			 "There is room in the budget again: the trace samples at %u Hz, as asked "
			 "for.",
			 rate_hz);
	notices->notice(notices->context,
			c->told_lowered ? NOTICE_RATE_LOWERED : NOTICE_RATE_RESTORED, 0, text, "");
}

static void keep_budget(struct capture *c, uint64_t now_ns, const struct wire_health *health)
{
	float certain = health->kernel_cpu_percent + health->stopped_percent;
	float cost = certain + health->probe_cpu_percent + health->trap_percent;
	float may_cost = allowed(c, health->pid_count);
	uint32_t rate;

	if (now_ns - c->started_ns < BUDGET_AFTER_MS * MILLISECOND)
		return;
	rate = budget_rate(&c->budget, c->rate_hz, cost, certain, may_cost);
	if (rate == c->rate_hz)
		return;
	tell_rate(c, rate, cost, may_cost);
	c->due_hz = rate;
}

static enum wire_rate_limit limit_of(const struct capture *c)
{
	if (c->rate_hz >= c->options.rate_hz)
		return RATE_AS_ASKED;
	return c->rate_hz < c->budget.asked_hz ? RATE_OF_BUDGET : RATE_OF_SAMPLER;
}

/* A burst's cost counts when it is over. */
static void fill_instruments(struct capture *c, const struct capture_mark *since,
			     struct capture_mark *now, struct wire_health *out)
{
	float wall = (float)(now->ns - since->ns);
	struct watched watched[INSTRUMENTS_MAX];
	size_t count = trace_watched(c->trace, watched);

	for (size_t i = 0; i < count; i++) {
		const struct instrument_state *state = &watched[i].state;
		struct wire_instrument *w = &out->instruments[out->instrument_count++];
		uint64_t cost = state->cost_ns, target = state->target_ns;

		*w = (struct wire_instrument){watched[i].id, watched[i].on, *state, 0};
		now->cost_ns[i] = cost;
		now->target_ns[i] = target;
		/* The sums begin at 0 whenever it is switched on. */
		if (wall <= 0 || cost < since->cost_ns[i])
			continue;
		w->cost_percent = (float)(cost - since->cost_ns[i]) / wall * 100;
		out->trap_percent += (float)(target - since->target_ns[i]) / wall * 100;
	}
}

static void fill(struct capture *c, uint64_t now_ns, struct capture_mark *since,
		 struct wire_health *out)
{
	uint64_t lost =
		model_lost(c->model, &cpu_series) - c->lost_before; /* of what was sampled */
	struct capture_mark now;
	float wall = (float)(now_ns - since->ns);

	memset(out, 0, sizeof(*out));
	trace_get_stats(c->trace, &out->stats);
	trace_count_requests(c->trace, &out->stats);
	now = mark_of(&out->stats, now_ns);
	out->stats.samples -= lost;
	out->stats.lost += lost;
	if (wall > 0) {
		out->probe_cpu_percent = (float)(now.cpu_ns - since->cpu_ns) / wall * 100;
		out->kernel_cpu_percent = (float)(now.bpf_ns - since->bpf_ns) / wall * 100;
		out->stopped_percent = (float)(now.stopped_ns - since->stopped_ns) / wall * 100;
	}
	fill_instruments(c, since, &now, out);
	out->rss_bytes = own_rss_bytes();
	out->pids = c->pids;
	out->pid_count = capture_pids(c);
	out->memory_count = trace_memory(c->trace, out->memory, WIRE_MEMORY_MAX);
	out->zones = trace_zones(c->trace);
	out->limit = limit_of(c);
	*since = now;
}

void capture_health(struct capture *c, uint64_t now_ns, struct wire_health *out)
{
	trace_hold_against_cpu(c->trace);
	fill(c, now_ns, &c->health_mark, out);
	weight_tell(&c->weight, &out->stats, c->known_count ? c->known[0] : 0, &c->options.notices);
	keep_budget(c, now_ns, out);
}

int capture_watch(struct capture *c, const char *instrument, bool on, struct failure *error)
{
	const float unlimited = 5;
	float percent = c->options.budget ? (float)c->options.budget / 200 : unlimited;

	c->next_tick_ns = 0;
	return trace_watch(c->trace, instrument, on, percent, error);
}

void capture_summary(struct capture *c, uint64_t now_ns, struct wire_health *out)
{
	struct capture_mark since = c->start_mark;

	fill(c, now_ns, &since, out);
}
