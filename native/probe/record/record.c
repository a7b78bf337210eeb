/* SPDX-License-Identifier: MIT */
/*
 * acupoint-probe-record: samples for a while and writes what came, for tests and benches of the
 * probe. It is the probe with another front; nothing of it is in the one that is shipped.
 */
#include "commands/commands.h"

#include "commands/capture.h"
#include "commands/confined.h"
#include "host/usage.h"
#include "record/recording.h"
#include "trace/samplers.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	DEFAULT_RATE_HZ = 99,
	MAX_RATE_HZ = 4999,
	MAX_SECONDS = 24 * 3600,
	STEP_MS = 25,
	WATCH_MAX = 8
};

struct arguments {
	struct capture_options capture;
	double seconds;
	bool json, allocations;
	const char *watch[WATCH_MAX]; /* instruments besides */
	size_t watch_count;
	const char *out;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

static bool parse_number(const char *text, double minimum, double maximum, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && !*end && *out >= minimum && *out <= maximum;
}

static const char help[] =
	"acupoint-probe-record --pid P | --master P --seconds S [--rate HZ]\n"
	"                      [--format folded|json] [--out FILE] [--sampler NAME]\n"
	"                      [--budget PERCENT] [--no-request-labels] [--allocations]\n"
	"                      [--watch INSTRUMENT]...\n"
	"      samples one process, or all workers of a master and those that a reload brings;\n"
	"      99 Hz and folded unless told otherwise; to stdout without --out; by the best sampler\n"
	"      that works here, or by bpf, perf or ptrace. The last stops its targets for moments.\n"
	"      With a budget the rate goes down where the trace costs more percent of a core for each\n"
	"      worker, and up again where there is room.\n"
	"\n"
	"      With allocations, folded stacks are in bytes that Lua asked for, in short bursts of a\n"
	"      uprobe on its allocator; they may have half of the budget, or 5 % of a core without one.\n"
	"\n"
	"      folded  root;caller;callee COUNT, a line for each stack. Kernel frames end in _[k].\n"
	"              Lua frames are \"name (file:line where it is defined)\". Semicolons and\n"
	"              control characters in names are written as \\x3b, \\x0a, ...\n"
	"      json    {\"meta\":{\"version\",\"kernel\",\"sampler\",\"startUnixUs\",\"seconds\",\"rateHz\",\"pids\"},\n"
	"              \"frames\":[{\"name\",\"file\",\"definedLine\",\"line\",\"kind\",\"flags\"}],\n"
	"              \"stacks\":[{\"frames\":[index of frames or -1, root first],\"pid\",\"vmState\",\"quality\",\n"
	"              \"trace\",\"count\",\"us\",\"phase\",\"method\",\"host\",\"uri\"}],\n"
	"              \"quality\":{\"lua\",\"exact\",\"function\",\"traceRoot\",\"unknown\",\"truncated\"},\n"
	"              \"native\":{\"samples\",\"complete\",\"truncated\"},\n"
	"              \"health\":{\"samples\",\"lost\",\"probeCpuPercent\",\"kernelCpuPercent\",\n"
	"              \"stoppedPercent\",\"rateHz\",\"rssBytes\",\"requests\",\"requestScope\"}}\n";

static bool usage(const char *reason, const char *argument)
{
	fprintf(stderr, "acupoint-probe-record: %s%s\nSee acupoint-probe-record --help.\n", reason,
		argument ? argument : "");
	return false;
}

static bool parse_option(struct arguments *a, int option, const char *value)
{
	double number;

	switch (option) {
	case 'p':
	case 'm':
		if (!parse_number(value, 1, INT_MAX, &number))
			return usage("not a pid: ", value);
		*(option == 'p' ? &a->capture.pid : &a->capture.master) = (pid_t)number;
		return true;
	case 's':
		return parse_number(value, 0.01, MAX_SECONDS, &a->seconds) ||
		       usage("--seconds must be from 0.01 to 86400, not ", value);
	case 'r':
		if (!parse_number(value, 1, MAX_RATE_HZ, &number))
			return usage("--rate must be from 1 to 4999, not ", value);
		a->capture.rate_hz = (uint32_t)number;
		return true;
	case 'f':
		a->json = !strcmp(value, "json");
		return a->json || !strcmp(value, "folded") ||
		       usage("--format must be folded or json, not ", value);
	case 'S':
		a->capture.sampler = sampler_kind_of(value);
		return a->capture.sampler != SAMPLER_NONE ||
		       usage("--sampler must be bpf, perf or ptrace, not ", value);
	case 'n':
		a->capture.request_labels = false;
		return true;
	case 'b':
		if (!parse_number(value, 0, 100, &number))
			return usage("--budget must be from 0 to 100, not ", value);
		a->capture.budget = (uint32_t)(number * 100 + 0.5);
		return true;
	case 'a':
		a->allocations = true;
		return true;
	case 'w':
		if (a->watch_count == WATCH_MAX)
			return usage("too many instruments to watch: ", value);
		a->watch[a->watch_count++] = value;
		return true;
	case 'o':
		a->out = value;
		return true;
	default:
		return usage("unknown or incomplete option", NULL);
	}
}

static bool parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{"pid", required_argument, NULL, 'p'},
		{"master", required_argument, NULL, 'm'},
		{"seconds", required_argument, NULL, 's'},
		{"rate", required_argument, NULL, 'r'},
		{"format", required_argument, NULL, 'f'},
		{"out", required_argument, NULL, 'o'},
		{"sampler", required_argument, NULL, 'S'},
		{"no-request-labels", no_argument, NULL, 'n'},
		{"budget", required_argument, NULL, 'b'},
		{"allocations", no_argument, NULL, 'a'},
		{"watch", required_argument, NULL, 'w'},
		{NULL, 0, NULL, 0},
	};
	int option;

	memset(a, 0, sizeof(*a));
	a->capture.rate_hz = DEFAULT_RATE_HZ;
	a->capture.request_labels = true;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (!parse_option(a, option, optarg))
			return false;
	}
	if (optind < argc)
		return usage("unknown argument ", argv[optind]);
	if (!a->capture.pid == !a->capture.master)
		return usage("give either --pid or --master", NULL);
	if (a->seconds <= 0)
		return usage("give --seconds", NULL);
	return true;
}

static void on_notice(void *context, int kind, pid_t pid, const char *text, const char *detail)
{
	(void)context;
	(void)kind;
	(void)pid;
	fprintf(stderr, "%s\n", text);
	if (detail && *detail)
		fprintf(stderr, "%s\n", detail);
}

static bool keep_pids(struct recording *r, struct capture *c)
{
	r->pid_count = capture_pids(c);
	r->pids = calloc(r->pid_count + 1, sizeof(*r->pids));
	if (r->pids)
		memcpy(r->pids, c->pids, r->pid_count * sizeof(*r->pids));
	return r->pids != NULL;
}

/* Once a second: keeps to the budget. */
static bool keep_budget(struct recording *r, struct capture *c, struct model *model)
{
	uint64_t now_ns = clock_monotonic_ns();
	struct wire_health health;

	if (!c->options.budget || now_ns - c->health_mark.ns < 1000000000)
		return true;
	capture_health(c, now_ns, &health);
	if (!c->due_hz)
		return true;
	capture_poll(c, now_ns);
	if (!recording_take(r, model))
		return false;
	capture_change_rate(c);
	r->period_ns = 1000000000 / c->rate_hz;
	return true;
}

/* Samples until the time is over, the targets are gone or somebody interrupts. */
static bool sample(struct recording *r, struct capture *c, struct model *model, double seconds)
{
	const struct timespec step = {0, STEP_MS * 1000000};
	uint64_t end_ns = clock_monotonic_ns() + (uint64_t)(seconds * 1e9), now_ns;

	do {
		nanosleep(&step, NULL);
		now_ns = clock_monotonic_ns();
		if (!capture_tick(c, now_ns)) {
			fputs("All traced processes have stopped.\n", stderr);
			break;
		}
		if (!recording_take(r, model) || !keep_budget(r, c, model))
			return false;
	} while (now_ns < end_ns && !interrupted);
	trace_watch_nothing(c->trace);
	capture_poll(c, now_ns);
	r->seconds = (double)(now_ns - c->started_ns) / 1e9;
	capture_summary(c, now_ns, &r->health);
	return recording_take(r, model);
}

/* Before the trace, since nothing is opened for writing after its begin. */
static FILE *open_out(const char *path)
{
	FILE *out;
	int fd;

	if (!path)
		return stdout;
	/* No link is followed: the probe often runs as root and /tmp is everyone's. */
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		fprintf(stderr, "acupoint-probe-record: cannot write %s: %s\n", path,
			strerror(errno));
	return out;
}

static int write_out(const struct recording *r, const struct arguments *a, FILE *out)
{
	bool written;

	written = a->json ? recording_write_json(r, out) : recording_write_folded(r, out);
	if (!written)
		errno = ENOMEM;
	written = !fflush(out) && !ferror(out) && written;
	if (a->out)
		written = !fclose(out) && written;
	if (written)
		return EXIT_OK;
	fprintf(stderr, "acupoint-probe-record: the output is incomplete: %s\n", strerror(errno));
	return EXIT_FAILED;
}

typedef unsigned long long ull;

static void tell_allocations(const struct recording *r)
{
	const struct wire_instrument *w = recording_instrument(r, "allocations");
	const struct instrument_state *a = w ? &w->state : NULL;

	if (!a)
		return;
	fprintf(stderr,
		"allocations: %llu bytes in %llu calls, in %llu bursts of %.1f ms in all out of "
		"%.1f s; %llu bytes are in no stack\ncost of the bursts: %.2f %% of a core, "
		"%.2f us more a call\n",
		(ull)a->value, (ull)a->events, (ull)a->bursts, (double)a->watched_us / 1e3,
		(double)a->elapsed_us / 1e6, (ull)a->lost_value, (double)w->cost_percent,
		(double)a->trap_ns / 1e3);
	if (a->missing && *a->missing)
		fprintf(stderr, "%s\n", a->missing);
}

static void tell_watched(const struct recording *r)
{
	for (size_t i = 0; i < r->health.instrument_count; i++) {
		const struct wire_instrument *w = &r->health.instruments[i];
		const char *missing = w->state.missing;

		fprintf(stderr, "watched %s: %llu events, %llu lost, in %.2f of %.2f s%s%s\n",
			w->id, (ull)w->state.events, (ull)w->state.lost_events,
			(double)w->state.watched_us / 1e6, (double)w->state.elapsed_us / 1e6,
			missing && *missing ? "; " : "", missing ? missing : "");
	}
}

/* How it went, so that every figure can be added up. */
static void tell(const struct recording *r)
{
	const struct wire_health *h = &r->health;
	const struct trace_stats *stats = &h->stats;

	fprintf(stderr, "%llu samples in %.1f s, %llu lost\n", (ull)stats->samples, r->seconds,
		(ull)stats->lost);
	fprintf(stderr,
		"Lua ran in %llu: %llu exact, %llu function only, %llu trace root only, %llu "
		"unknown; native stacks: %llu of %llu whole to the root, %llu too long\n",
		(ull)stats->lua_samples, (ull)stats->lua_exact, (ull)stats->lua_function,
		(ull)stats->lua_trace_root, (ull)stats->lua_unknown,
		(ull)stats->walk_ends[UNWIND_COMPLETE], (ull)stats->native_samples,
		(ull)stats->walk_ends[UNWIND_FULL]);
	/* BPF programs measure themselves; what the kernel does for other samplers nobody tells. */
	if (stats->sampler == SAMPLER_BPF)
		fprintf(stderr, "cost in the kernel: %.2f %% of a core\n",
			(double)h->kernel_cpu_percent);
	fprintf(stderr, "cost of the probe: %.2f %% of a core, at %u Hz in the end\n",
		(double)h->probe_cpu_percent, stats->rate_hz);
	tell_allocations(r);
	tell_watched(r);
	if (stats->stopped_ns)
		fprintf(stderr, "stopped for %.2f %% of the time, for %.3f ms at the longest\n",
			(double)stats->stopped_ns / (r->seconds * 1e9) * 100,
			(double)stats->longest_stop_ns / 1e6);
}

static bool watch(struct capture *c, const struct arguments *a, struct failure *error)
{
	if (a->allocations && capture_watch(c, "allocations", true, error))
		return false;
	for (size_t i = 0; i < a->watch_count; i++)
		if (capture_watch(c, a->watch[i], true, error))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct recording recording;
	struct arguments arguments;
	struct failure error;
	struct capture *capture;
	struct model *model;
	int exit_code = EXIT_FAILED;
	bool complete;
	FILE *out;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	if (!parse(argc, argv, &arguments))
		return EXIT_USAGE;
	/* A reader that closes early is an error of write(), not the end by a signal. */
	signal(SIGPIPE, SIG_IGN);
	out = open_out(arguments.out);
	if (!out || !confined_trace(arguments.capture.sampler))
		return EXIT_FAILED;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_signal);
	recording_init(&recording);
	arguments.capture.notices.notice = on_notice;
	model = model_new();
	capture = model ? capture_start(&arguments.capture, model, &error) : NULL;
	if (!capture) {
		fprintf(stderr, "%s\n", model ? error.text : "Out of memory.");
		if (model && error.detail)
			fprintf(stderr, "%s\n", error.detail);
		goto done;
	}
	if (!watch(capture, &arguments, &error)) {
		fprintf(stderr, "%s\n", error.text);
		if (error.detail)
			fprintf(stderr, "%s\n", error.detail);
		capture_stop(capture);
		goto done;
	}
	recording.allocations = arguments.allocations;
	recording.start_unix_us = capture->started_unix_us;
	recording.rate_hz = capture->rate_hz;
	recording.period_ns = 1000000000 / capture->rate_hz;
	complete = keep_pids(&recording, capture) &&
		   sample(&recording, capture, model, arguments.seconds);
	capture_stop(capture);
	if (!complete) {
		fputs("acupoint-probe-record: out of memory\n", stderr);
		goto done;
	}
	tell(&recording);
	exit_code = write_out(&recording, &arguments, out);
done:
	model_free(model);
	recording_free(&recording);
	return exit_code;
}
