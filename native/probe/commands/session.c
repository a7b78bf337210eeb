/* SPDX-License-Identifier: MIT */
#include "commands/session.h"

#include "host/usage.h"
#include "trace/samplers.h"
#include "wire/messages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND 1000000ull

enum { MEASURE_MS = 120, MAX_RATE_HZ = 4999, EXIT_CANNOT_WRITE = 74, EXIT_SESSION_FAILED = 1 };

bool session_init(struct session *s, int in_fd, int out_fd)
{
	memset(s, 0, sizeof(*s));
	inbox_init(&s->in, in_fd);
	outbox_init(&s->out, out_fd);
	heap_relay_init(&s->heap);
	s->model = model_new();
	return s->model != NULL;
}

void session_free(struct session *s)
{
	capture_stop(s->capture);
	transfer_end(&s->transfers);
	heap_relay_end(&s->heap);
	if (s->listing_request)
		nginx_listing_free(&s->listing);
	model_free(s->model);
	outbox_free(&s->out);
}

/* An answer that has no room is one that nobody reads: the session is over. */
static void sent(struct session *s, int result)
{
	if (!result)
		return;
	s->ended = true;
	s->exit_code = EXIT_CANNOT_WRITE;
}

void session_fail(struct session *s, int kind, const char *text)
{
	sent(s, wire_failure(&s->out, 0, kind, text, ""));
	s->ended = true;
	if (!s->exit_code)
		s->exit_code = EXIT_SESSION_FAILED;
}

void session_hello(struct session *s)
{
	enum sampler_kind kind = s->sampler ? s->sampler : samplers_best();
	struct host_report *report = malloc(sizeof(*report));

	if (!report) {
		session_fail(s, FAILURE_OTHER, "The probe is out of memory.");
		return;
	}
	host_report(report);
	if (*samplers_caveat(kind))
		host_add_missing(report, "BPF", samplers_caveat(kind), "");
	sent(s, wire_hello(&s->out, report, kind));
	free(report);
}

static void on_notice(void *context, int kind, pid_t pid, const char *text, const char *detail)
{
	struct session *s = context;

	/* Unlike an answer, a notice may be missed by a reader that is far behind. */
	if (outbox_pending(&s->out) < OUTBOX_BUSY)
		sent(s, wire_notice(&s->out, kind, (uint32_t)pid, text, detail));
}

static void refuse(struct session *s, uint32_t request, const char *text)
{
	sent(s, wire_failure(&s->out, request, FAILURE_BAD_REQUEST, text, ""));
}

/* Instruments that are off are said once. */
static void leave_out_ended(struct wire_health *health)
{
	size_t kept = 0;

	for (size_t i = 0; i < health->instrument_count; i++)
		if (health->instruments[i].on)
			health->instruments[kept++] = health->instruments[i];
	health->instrument_count = kept;
}

/* One batch; false when there is nothing more to send or no room for it. */
static bool send_batch(struct session *s, uint64_t now_ns, bool even_if_empty)
{
	enum { MAX_BATCH = 768 * 1024, MAX_MODULE_SETS = 16 };
	struct wire_batch head = {0};
	struct wire_health health;
	struct model_batch rows;

	if (outbox_pending(&s->out) >= OUTBOX_BUSY)
		return false;
	if (now_ns >= s->next_health_ns) {
		capture_health(s->capture, now_ns, &health);
		head.health = &health;
		if (s->ended_told)
			leave_out_ended(&health);
		s->next_health_ns = now_ns + 1000 * MILLISECOND;
		even_if_empty = true;
	}
	head.period_us = capture_period_us(s->capture);
	model_drain(s->model, MAX_BATCH, &rows);
	if (!even_if_empty && !rows.row_count && !rows.table_count && !rows.point_count &&
	    !rows.more && !rows.string_count && !rows.stack_count)
		return false;
	/* Their names must be there first. */
	if (!rows.more) {
		head.modules = trace_loaded(s->capture->trace, &head.module_sets);
		if (head.module_sets > MAX_MODULE_SETS)
			head.module_sets = MAX_MODULE_SETS;
	}
	head.sequence = ++s->sequence;
	head.time_us = (now_ns - s->capture->started_ns) / 1000;
	head.interval_us = (uint32_t)((now_ns - s->last_batch_ns) / 1000);
	if (wire_batch(&s->out, &head, &rows)) {
		s->sequence--;
		return false;
	}
	s->last_batch_ns = now_ns;
	s->ended_told |= head.health != NULL;
	model_drained(s->model, &rows);
	if (head.module_sets)
		trace_loaded_sent(s->capture->trace, head.module_sets);
	return rows.more;
}

static void send_batches(struct session *s, uint64_t now_ns)
{
	while (send_batch(s, now_ns, false))
		;
	if (model_full(s->model) && !s->told_full) {
		s->told_full = true;
		on_notice(s, NOTICE_OTHER, 0,
			  "There are more different functions and stacks than the probe keeps: new "
			  "ones are shown as unknown. Stop and attach again to start afresh.",
			  "");
	}
}

/* Sends samples taken at the old rate with the old period. False: a part has no room yet. */
static bool take_old_rate(struct session *s, uint64_t now_ns)
{
	struct model_batch rows;

	capture_poll(s->capture, now_ns);
	send_batches(s, now_ns);
	model_drain(s->model, 0, &rows);
	return !rows.row_count && !rows.more;
}

static void start(struct session *s, uint32_t request, const acupoint_wire_v1_Start *start)
{
	struct capture_options options = {.rate_hz = start->rate_hz,
					  .budget = start->budget,
					  .sampler = s->sampler,
					  .request_labels = start->request_labels,
					  .notices = {on_notice, s}};
	struct failure error;
	struct trace_stats stats;

	if (s->capture) {
		refuse(s, request, "A trace runs already in this session. Stop it first.");
		return;
	}
	if (start->rate_hz < 1 || start->rate_hz > MAX_RATE_HZ) {
		refuse(s, request, "The sampling rate must be from 1 to 4999 Hz.");
		return;
	}
	if (start->which_target == acupoint_wire_v1_Start_pid_tag)
		options.pid = (pid_t)start->target.pid;
	else if (start->which_target == acupoint_wire_v1_Start_master_tag)
		options.master = (pid_t)start->target.master;
	s->capture = capture_start(&options, s->model, &error);
	if (!s->capture) {
		sent(s, wire_failure(&s->out, request, error.kind, error.text, error.detail));
		free(error.detail);
		return;
	}
	trace_get_stats(s->capture->trace, &stats);
	sent(s, wire_started(&s->out, request, stats.sampler, s->capture->pids,
			     capture_pids(s->capture), s->capture->started_unix_us));
	s->last_batch_ns = s->capture->started_ns;
	s->next_batch_ns = s->capture->started_ns;
	s->sent_samples = s->ended_told = false;
	s->next_health_ns = s->capture->started_ns + 1000 * MILLISECOND;
}

static void stop(struct session *s, uint32_t request)
{
	uint64_t now_ns = clock_monotonic_ns(), discarded;
	char reason[128] = "";

	if (!s->capture) {
		refuse(s, request, "No trace runs in this session.");
		return;
	}
	trace_watch_nothing(s->capture->trace);
	capture_poll(s->capture, now_ns);
	s->next_health_ns = now_ns;
	send_batches(s, now_ns);
	capture_stop(s->capture);
	s->capture = NULL;
	discarded = model_discard(s->model, &cpu_series);
	if (discarded)
		snprintf(reason, sizeof(reason),
			 "The last %llu samples were lost: the connection took them too slowly.",
			 (unsigned long long)discarded);
	sent(s, wire_stopped(&s->out, request, reason));
}

static void set_rate(struct session *s, uint32_t request, uint32_t rate_hz)
{
	uint64_t now_ns = clock_monotonic_ns();
	int result;

	if (!s->capture) {
		refuse(s, request, "No trace runs in this session.");
		return;
	}
	if (rate_hz < 1 || rate_hz > MAX_RATE_HZ) {
		refuse(s, request, "The sampling rate must be from 1 to 4999 Hz.");
		return;
	}
	capture_ask_rate(s->capture, rate_hz);
	result = take_old_rate(s, now_ns) ? capture_change_rate(s->capture) : 0;
	if (result)
		sent(s, wire_failure(&s->out, request, FAILURE_OTHER,
				     "The kernel did not take the new rate. The old one stays.",
				     strerror(-result)));
}

static void watch(struct session *s, uint32_t request, const acupoint_wire_v1_Watch *watch)
{
	struct failure error = {0};

	if (!s->capture) {
		refuse(s, request,
		       "No trace runs in this session. Start one, then watch its processes.");
		return;
	}
	if (capture_watch(s->capture, watch->instrument, watch->on, &error)) {
		sent(s, wire_failure(&s->out, request, error.kind, error.text, error.detail));
		free(error.detail);
	} else if (!watch->on) {
		/* The last rows go out at once. */
		s->next_health_ns = s->next_batch_ns = 0;
	}
	s->ended_told = false;
}

static void list(struct session *s, uint32_t request)
{
	if (s->listing_request) {
		refuse(s, request, "A listing is being made already.");
		return;
	}
	if (nginx_listing_begin(&s->listing)) {
		sent(s, wire_failure(&s->out, request, FAILURE_OTHER,
				     "The processes of this host cannot be read from /proc.", ""));
		return;
	}
	s->listing_request = request;
	s->listing_due_ns = clock_monotonic_ns() + MEASURE_MS * MILLISECOND;
}

static void finish_listing(struct session *s)
{
	char text[128];
	size_t left_out;

	nginx_listing_measure(&s->listing);
	sent(s, wire_listing(&s->out, s->listing_request, &s->listing, &left_out));
	nginx_listing_free(&s->listing);
	s->listing_request = 0;
	snprintf(text, sizeof(text),
		 "%zu nginx servers of this host are not in the list: it is too long.", left_out);
	if (left_out)
		on_notice(s, NOTICE_OTHER, 0, text, "");
}

void session_command(struct session *s, const acupoint_wire_v1_ToProbe *command)
{
	const acupoint_wire_v1_ReadFile *file = &command->command.read_file;

	switch (command->which_command) {
	case acupoint_wire_v1_ToProbe_list_tag:
		list(s, command->request);
		break;
	case acupoint_wire_v1_ToProbe_start_tag:
		start(s, command->request, &command->command.start);
		break;
	case acupoint_wire_v1_ToProbe_stop_tag:
		stop(s, command->request);
		break;
	case acupoint_wire_v1_ToProbe_set_rate_tag:
		set_rate(s, command->request, command->command.set_rate.rate_hz);
		break;
	case acupoint_wire_v1_ToProbe_watch_tag:
		watch(s, command->request, &command->command.watch);
		break;
	case acupoint_wire_v1_ToProbe_read_file_tag:
		sent(s, transfer_begin(&s->transfers, &s->out, command->request, (pid_t)file->pid,
				       file->path));
		break;
	case acupoint_wire_v1_ToProbe_take_heap_tag:
		sent(s, heap_relay_begin(&s->heap, &s->out, command->request,
					 &command->command.take_heap));
		break;
	case acupoint_wire_v1_ToProbe_cancel_heap_tag:
		sent(s, heap_relay_cancel(&s->heap, &s->out));
		break;
	case acupoint_wire_v1_ToProbe_ping_tag:
		sent(s, wire_pong(&s->out, command->request, command->command.ping.sent_us));
		break;
	default:
		refuse(s, command->request,
		       "This probe does not know the command. Its version is " PROBE_VERSION ".");
	}
}

static void earlier(uint64_t *next_ns, uint64_t candidate_ns)
{
	if (candidate_ns < *next_ns)
		*next_ns = candidate_ns;
}

static void tick_capture(struct session *s, uint64_t now_ns, uint64_t *next_ns)
{
	enum { MAX_WAITING = 4 << 20, BATCH_MS = 250 };
	bool behind = model_waiting(s->model) > MAX_WAITING, lives;

	/*
	 * When the reader is far behind, the samples stay in the sampler, which counts those that
	 * it then has no room for.
	 */
	lives = behind || capture_tick(s->capture, now_ns);
	if (now_ns >= s->next_batch_ns || !lives ||
	    (s->capture->seen_samples && !s->sent_samples)) {
		s->sent_samples = s->capture->seen_samples;
		s->next_batch_ns = now_ns + BATCH_MS * MILLISECOND;
		send_batches(s, now_ns);
		if (s->capture->due_hz && take_old_rate(s, now_ns))
			capture_change_rate(s->capture);
	}
	if (!lives) {
		session_fail(
			s, FAILURE_TARGETS_GONE,
			"All traced processes have stopped. Your samples are kept. List the nginx "
			"processes again to attach to new ones.");
		return;
	}
	earlier(next_ns, s->next_batch_ns);
	earlier(next_ns, s->capture->next_poll_ns);
	earlier(next_ns, s->capture->next_tick_ns);
	if (s->capture->options.master)
		earlier(next_ns, s->capture->next_scan_ns);
	if (behind)
		*next_ns = now_ns + BATCH_MS * MILLISECOND;
}

void session_tick(struct session *s, uint64_t now_ns, uint64_t *next_ns)
{
	if (s->listing_request && now_ns >= s->listing_due_ns)
		finish_listing(s);
	if (s->listing_request)
		earlier(next_ns, s->listing_due_ns);
	sent(s, transfer_continue(&s->transfers, &s->out));
	sent(s, heap_relay_continue(&s->heap, &s->out));
	if (s->capture)
		tick_capture(s, now_ns, next_ns);
}
