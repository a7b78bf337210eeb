/* SPDX-License-Identifier: MIT */
#include "commands/commands.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "heap/find.h"
#include "heap/stream.h"
#include "heap/take.h"
#include "heap/walk.h"
#include "trace/failure.h"

enum { MOST_PAUSE_MS = 10000, ANALYSIS_NICE = 10 };

static bool parse_number(const char *text, unsigned long most, unsigned long *out)
{
	char *end;

	*out = strtoul(text, &end, 10);
	return end != text && !*end && *out >= 1 && *out <= most;
}

static bool parse(int argc, char **argv, struct take_options *out)
{
	unsigned long number;
	int i;

	for (i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--stop-always")) {
			out->stop_always = true;
		} else if (!strcmp(argv[i], "--pid") && i + 1 < argc &&
			   parse_number(argv[i + 1], INT_MAX, &number)) {
			out->pid = (pid_t)number;
			i++;
		} else if (!strcmp(argv[i], "--max-pause-ms") && i + 1 < argc &&
			   parse_number(argv[i + 1], MOST_PAUSE_MS, &number)) {
			out->max_pause_ms = (uint32_t)number;
			i++;
		} else {
			fprintf(stderr, "acupoint-probe heap: unknown or incomplete: %s\n",
				argv[i]);
			return false;
		}
	}
	if (!out->pid)
		fputs("acupoint-probe heap: --pid is missing\n", stderr);
	return out->pid != 0;
}

static bool out_of_memory(struct trace_error *error)
{
	error->kind = FAILURE_OTHER;
	snprintf(error->text, sizeof(error->text),
		 "The probe has no memory left for the analysis on this host.");
	return false;
}

static bool snapshot(struct take_options *options, struct stream *out, struct trace_error *error)
{
	struct heap_vm vms[HEAP_VMS];
	struct image image = {.pagemap = -1};
	struct objects objects = {0};
	struct taken taken;
	bool done = false;
	size_t count;

	count = heap_find_vms(options->pid, vms, &options->skip_start, error);
	if (!count)
		return false;
	stream_numbers(out, TAG_PROGRESS, (uint64_t[]){STAGE_COPYING, 0, 1}, 3);
	if (!heap_take(&image, options, &taken, error))
		goto out;
	stream_numbers(out, TAG_TAKEN, (uint64_t[]){taken.pause_us, taken.copied}, 2);
	/* The worker and its neighbours come first from here on. */
	setpriority(PRIO_PROCESS, 0, ANALYSIS_NICE);
	done = objects_open(&objects, &image, vms, count) &&
	       walk_objects(&objects, vms, count, out);
	if (!done)
		out_of_memory(error);
out:
	objects_close(&objects);
	image_close(&image);
	return done;
}

int command_heap(int argc, char **argv)
{
	static struct stream out;
	struct take_options options = {.max_pause_ms = 200};
	struct trace_error error = {0};

	if (!parse(argc, argv, &options))
		return EXIT_USAGE;
	if (isatty(STDOUT_FILENO)) {
		fputs("acupoint-probe heap: writes bytes that are not for a terminal\n", stderr);
		return EXIT_USAGE;
	}
	/* Whoever started it takes it along when it goes. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stream_open(&out, STDOUT_FILENO);
	if (snapshot(&options, &out, &error))
		return stream_end(&out) ? EXIT_OK : EXIT_FAILED;
	stream_failure(&out, error.kind, error.text);
	fprintf(stderr, "%s\n", error.text);
	return EXIT_FAILED;
}
