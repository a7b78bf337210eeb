/* SPDX-License-Identifier: MIT */
#include "commands/heap.h"

#include "commands/commands.h"
#include "commands/confined.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "heap/alive.h"
#include "heap/find.h"
#include "heap/stream.h"
#include "heap/take.h"
#include "heap/walk.h"
#include "host/failure.h"

enum { ANALYSIS_NICE = 10 };

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
			   parse_number(argv[i + 1], TAKE_MOST_PAUSE_MS, &number)) {
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

static bool out_of_memory(struct failure *error)
{
	error->kind = FAILURE_OTHER;
	snprintf(error->text, sizeof(error->text),
		 "The probe has no memory left for the analysis on this host.");
	return false;
}

static bool none_alive(struct failure *error)
{
	error->kind = FAILURE_OTHER;
	snprintf(error->text, sizeof(error->text),
		 "The Lua VMs that this worker had ended while its memory was copied, or were only "
		 "being made. With lua_code_cache off, each request has a VM of its own. Take the "
		 "snapshot again, while a request runs.");
	return false;
}

static bool walk(struct image *image, const struct heap_found *found, struct stream *out,
		 struct failure *error)
{
	struct heap_vm vms[HEAP_VMS];
	size_t count = vms_alive(image, found->vms, found->count, vms, HEAP_VMS);
	struct objects objects = {0};
	bool done;

	if (!count)
		return none_alive(error);
	done = objects_open(&objects, image, vms, count) && walk_objects(&objects, vms, count, out);
	if (!done)
		out_of_memory(error);
	objects_close(&objects);
	return done;
}

static bool cannot_confine(struct failure *error)
{
	*error = (struct failure){.kind = FAILURE_OTHER};
	snprintf(error->text, sizeof(error->text),
		 "The probe cannot give up its privileges on this host, and reads no heap with "
		 "them: %s.",
		 strerror(errno));
	return false;
}

/* Three times less: what finds VMs and what walks the copy has nothing but what it reads. */
static bool snapshot(const struct take_options *asked, struct stream *out, struct failure *error)
{
	const struct confinement copier = confined_copier(), finder = confined_reader();
	const struct confinement parser = confined_parser();
	struct take_options options = *asked;
	struct image image = {.pagemap = -1};
	struct heap_found found;
	struct taken taken;
	bool done = false;

	if (!confine(&copier))
		return cannot_confine(error);
	if (!heap_find(options.pid, &finder, &found)) {
		*error = found.error;
		return false;
	}
	options.skip_start = found.skip_start;
	stream_numbers(out, TAG_PROGRESS, (uint64_t[]){STAGE_COPYING, 0, 1}, 3);
	if (heap_take(&image, &options, &taken, error)) {
		stream_numbers(out, TAG_TAKEN, (uint64_t[]){taken.pause_us, taken.copied}, 2);
		/* The worker and its neighbours come first from here on. */
		setpriority(PRIO_PROCESS, 0, ANALYSIS_NICE);
		done = confine(&parser) ? walk(&image, &found, out, error) : cannot_confine(error);
	}
	image_close(&image);
	return done;
}

int heap_snapshot(const struct take_options *options)
{
	static struct stream out;
	struct failure error = {0};

	stream_open(&out, STDOUT_FILENO);
	if (snapshot(options, &out, &error))
		return stream_end(&out) ? EXIT_OK : EXIT_FAILED;
	stream_failure(&out, error.kind, error.text);
	fprintf(stderr, "%s\n", error.text);
	return EXIT_FAILED;
}

int command_heap(int argc, char **argv)
{
	struct take_options options = {.max_pause_ms = 200};

	if (!parse(argc, argv, &options))
		return EXIT_USAGE;
	if (isatty(STDOUT_FILENO)) {
		fputs("acupoint-probe heap: writes bytes that are not for a terminal\n", stderr);
		return EXIT_USAGE;
	}
	/* Whoever started it takes it along when it goes. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	confine_prepare();
	return heap_snapshot(&options);
}
