/* SPDX-License-Identifier: MIT */
#include "heap/take.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "heap/guard.h"
#include "heap/quiet.h"
#include "heap/stop.h"
#include "host/capabilities.h"
#include "host/failure.h"
#include "host/procfs.h"
#include "host/refusal.h"
#include "host/usage.h"

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
/* How often a worker is given the chance to sleep through a copy. */
#define TRIES 3
/*
 * A stop makes a worker's epoll_wait() fail with EINTR, which is harmless and yet noted in its log
 * at level info. One that runs is not waiting; it is waited for that long.
 */
#define WAIT_TO_RUN_NS (30 * NS_PER_MS)
#define LOOK_NS 20000
/* The alarm comes first, which needs no other process. */
#define GUARD_SLACK_NS (200 * NS_PER_MS)
/* Cost of a stop besides the copy. */
#define OVERHEAD_US 2000

static bool fail(struct failure *error, int kind, const char *text)
{
	error->kind = kind;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text), "%s", text);
	return false;
}

static bool fail_copy(struct failure *error, enum image_result result)
{
	return fail(error, FAILURE_OTHER,
		    result == IMAGE_TOO_LARGE
			    ? "The memory of the worker is too large to be copied: a copy would "
			      "take more than half of what this host has left. Free memory, or "
			      "take the snapshot of a smaller worker."
			    : "The memory of the worker cannot be read any more. It may have "
			      "ended.");
}

static bool fail_stop(struct failure *error, pid_t pid, int code)
{
	char status[4096], why[400], text[480], *tracer;

	tracer = proc_read(pid, "status", status, sizeof(status)) > 0
			 ? strstr(status, "\nTracerPid:\t")
			 : NULL;
	if (tracer && tracer[12] != '0')
		return fail(error, FAILURE_OTHER,
			    "A debugger or another tracer holds the worker, and there can be one "
			    "at a time. Detach it, then try again.");
	if (code == -EPERM || code == -EACCES) {
		refusal_text(standing_own(), CAPABILITY(SYS_PTRACE), why, sizeof(why));
		snprintf(text, sizeof(text), "The probe may not stop the worker. %s", why);
		return fail(error, FAILURE_PRIVILEGE, text);
	}
	return fail(error, FAILURE_OTHER,
		    code == -ESRCH ? "The worker has ended."
				   : "The worker has too many threads to be stopped.");
}

static bool refuse(struct failure *error, const struct take_options *options, const struct taken *t,
		   const char *what)
{
	error->kind = FAILURE_LONG_PAUSE;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text),
		 "%s %.0f ms for %.0f MB, and the limit is %u ms. The worker %s. Take the snapshot "
		 "when the worker has less to do, or raise the limit.",
		 what, (double)t->estimate_us / 1000, (double)t->copied / 1e6,
		 options->max_pause_ms, t->pause_us ? "was let go at the limit" : "runs on");
	return false;
}

static void pause_ns(long ns)
{
	const struct timespec time = {0, ns};

	nanosleep(&time, NULL);
}

static void wait_until_it_runs(pid_t pid)
{
	uint64_t until = clock_monotonic_ns() + WAIT_TO_RUN_NS;
	struct quiet now;

	do {
		quiet_look(pid, &now);
		if (now.runs)
			return;
		pause_ns(LOOK_NS);
	} while (clock_monotonic_ns() < until);
}

/* Copies while the worker may run. True when it slept all the time. */
static bool copy_asleep(struct image *image, const struct take_options *options, struct taken *out,
			enum image_result *result)
{
	struct quiet before, after;
	uint64_t began, took;

	quiet_look(options->pid, &before);
	began = clock_monotonic_ns();
	*result = image_copy(image, 0);
	took = clock_monotonic_ns() - began;
	quiet_look(options->pid, &after);
	out->copied = image->copied;
	out->estimate_us = took / NS_PER_US + OVERHEAD_US;
	return quiet_between(&before, &after) && !options->stop_always;
}

static bool copy_stopped(struct image *image, const struct take_options *options, struct taken *out,
			 struct failure *error)
{
	uint64_t limit_ns = options->max_pause_ms * NS_PER_MS;
	enum image_result result = IMAGE_UNREADABLE;
	struct guard guard;
	struct stop stop;
	int code;

	if (!guard_start(&guard, WAIT_TO_RUN_NS + limit_ns + GUARD_SLACK_NS))
		return fail(error, FAILURE_OTHER, "The probe cannot start a process on this host.");
	code = stop_prepare(&stop, options->pid);
	if (code) {
		guard_end(&guard);
		return fail_stop(error, options->pid, code);
	}
	wait_until_it_runs(options->pid);
	if (stop_begin(&stop, limit_ns))
		result = image_copy(image, stop.began_ns + limit_ns);
	out->pause_us = stop_end(&stop) / NS_PER_US;
	guard_end(&guard);
	out->copied = image->copied;
	if (result == IMAGE_TOO_LATE)
		return refuse(error, options, out, "The worker would have had to stand for about");
	return result == IMAGE_OK || fail_copy(error, result);
}

bool heap_take(struct image *image, const struct take_options *options, struct taken *out,
	       struct failure *error)
{
	enum image_result result = image_open(image, options->pid, options->skip_start);
	int i;

	memset(out, 0, sizeof(*out));
	if (result != IMAGE_OK)
		return fail_copy(error, result);
	/* The first copy brings in the memory that the others are written to. */
	for (i = 0; i < TRIES; i++) {
		if (copy_asleep(image, options, out, &result))
			return result == IMAGE_OK || fail_copy(error, result);
		if (result != IMAGE_OK)
			return fail_copy(error, result);
	}
	if (out->estimate_us > options->max_pause_ms * 1000ULL)
		return refuse(error, options, out, "The worker would have to stand for about");
	return copy_stopped(image, options, out, error);
}
