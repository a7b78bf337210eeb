/* SPDX-License-Identifier: MIT */
#include "record/recording.h"

#include "commands/json.h"

#include <sys/utsname.h>

typedef unsigned long long ull;

static const char *const kinds[] = {"unknown",	 "kernel", "native",	"lua",	       "luaJit",
				    "builtin",	 "luaC",   "gc",	"jitCompiler", "vmExit",
				    "truncated", "idle",   "incomplete"};
static const char *const states[] = {"none",   "interpreter", "c",	  "gc", "exit",
				     "record", "optimise",    "assemble", "jit"};
static const char *const qualities[] = {"noLua", "exact", "function", "traceRoot", "unknown"};
static const char *const scopes[] = {"none", "workers", "master"};
static const char *const samplers[] = {"none", "bpf", "perfRing", "ptrace"};

#define NAME(names, i) ((i) < sizeof(names) / sizeof(*(names)) ? (names)[i] : "unknown")

static void write_meta(const struct recording *r, FILE *out)
{
	struct utsname names = {0};

	uname(&names);
	fputs("{\"meta\":{", out);
	json_member(out, "version", PROBE_VERSION);
	fputc(',', out);
	json_member(out, "kernel", names.release);
	fputc(',', out);
	json_member(out, "sampler", NAME(samplers, (unsigned int)r->health.stats.sampler));
	fprintf(out, ",\"startUnixUs\":%llu,\"seconds\":%.3f,\"rateHz\":%u,\"pids\":[",
		(ull)r->start_unix_us, r->seconds, r->rate_hz);
	for (size_t i = 0; i < r->pid_count; i++)
		fprintf(out, "%s%u", i ? "," : "", r->pids[i]);
	fputs("]},\n", out);
}

static void write_frames(const struct recording *r, FILE *out)
{
	fputs("\"frames\":[", out);
	for (size_t i = 0; i < r->frame_count; i++) {
		const struct model_frame *frame = &r->frames[i];
		const struct model_function *function = recording_function(r, frame->function);
		struct model_text name = recording_string(r, function->name);
		struct model_text file = recording_string(r, function->file);
		struct model_text part = recording_string(r, function->part_of);

		fputs(i ? ",\n{\"name\":" : "\n{\"name\":", out);
		json_text(out, name.bytes, name.length);
		fputs(",\"file\":", out);
		json_text(out, file.bytes, file.length);
		fprintf(out,
			",\"definedLine\":%u,\"line\":%u,\"kind\":\"%s\",\"flags\":%u,"
			"\"identity\":%u,\"partOf\":",
			function->line, frame->line, NAME(kinds, frame->kind), frame->flags,
			function->identity);
		json_text(out, part.bytes, part.length);
		fputc('}', out);
	}
	fputs("],\n", out);
}

static void write_text(const struct recording *r, FILE *out, const char *name, uint32_t id)
{
	struct model_text text = recording_string(r, id);

	fprintf(out, ",\"%s\":", name);
	json_text(out, text.bytes, text.length);
}

static void write_request(const struct recording *r, FILE *out, uint32_t id)
{
	if (!id || id > r->request_count)
		return;
	write_text(r, out, "method", r->requests[id - 1].method);
	write_text(r, out, "host", r->requests[id - 1].host);
	write_text(r, out, "uri", r->requests[id - 1].uri);
}

static void write_stacks(const struct recording *r, FILE *out)
{
	static const struct model_label_entry no_labels;
	const struct recording_row *rows = (const struct recording_row *)r->rows.entries;

	fputs("\"stacks\":[", out);
	for (size_t i = 0; i < r->rows.count; i++) {
		uint32_t frames[RECORDING_MAX_DEPTH];
		size_t depth = recording_stack(r, rows[i].stack, frames);
		const struct model_label_entry *labels = &no_labels;

		if (rows[i].labels && rows[i].labels <= r->label_count)
			labels = &r->labels[rows[i].labels - 1];
		fputs(i ? ",\n{\"frames\":[" : "\n{\"frames\":[", out);
		for (size_t j = 0; j < depth; j++)
			fprintf(out, "%s%d", j ? "," : "", (int)frames[j] - 1);
		fprintf(out,
			"],\"pid\":%u,\"vmState\":\"%s\",\"quality\":\"%s\",\"trace\":%u,"
			"\"count\":%llu,\"us\":%llu",
			rows[i].pid, NAME(states, labels->vm_state),
			NAME(qualities, labels->quality), labels->trace, (ull)r->counts[i].samples,
			(ull)r->counts[i].ns / 1000);
		if (r->allocations)
			fprintf(out, ",\"allocated\":%llu,\"bytes\":%llu", (ull)r->counts[i].stacks,
				(ull)r->counts[i].bytes);
		write_text(r, out, "phase", labels->phase);
		write_request(r, out, rows[i].request);
		fputc('}', out);
	}
	fputs("],\n", out);
}

static void write_allocations(const struct recording *r, FILE *out)
{
	const struct wire_instrument *w = recording_instrument(r, "allocations");
	const struct instrument_state *a = w ? &w->state : NULL;

	if (!a)
		return;
	fprintf(out,
		"\"allocations\":{\"watchedUs\":%llu,\"elapsedUs\":%llu,\"calls\":%llu,"
		"\"bytes\":%llu,\"lostBytes\":%llu,\"requests\":%llu,\"bursts\":%llu,"
		"\"trapUs\":%.3f,\"costPercent\":%.3f,",
		(ull)a->watched_us, (ull)a->elapsed_us, (ull)a->events, (ull)a->value,
		(ull)a->lost_value, (ull)(a->requests + 0.5), (ull)a->bursts,
		(double)a->trap_ns / 1e3, (double)w->cost_percent);
	json_member(out, "missing", a->missing ? a->missing : "");
	fputs("},\n", out);
}

bool recording_write_json(const struct recording *r, FILE *out)
{
	const struct trace_stats *s = &r->health.stats;

	write_meta(r, out);
	write_frames(r, out);
	write_stacks(r, out);
	fprintf(out,
		"\"quality\":{\"lua\":%llu,\"exact\":%llu,\"function\":%llu,\"traceRoot\":%llu,"
		"\"unknown\":%llu,\"truncated\":%llu},\n",
		(ull)s->lua_samples, (ull)s->lua_exact, (ull)s->lua_function,
		(ull)s->lua_trace_root, (ull)s->lua_unknown, (ull)s->truncated);
	fprintf(out, "\"native\":{\"samples\":%llu,\"complete\":%llu,\"truncated\":%llu},\n",
		(ull)s->native_samples, (ull)s->walk_ends[UNWIND_COMPLETE],
		(ull)s->walk_ends[UNWIND_FULL]);
	write_allocations(r, out);
	fprintf(out,
		"\"health\":{\"samples\":%llu,\"lost\":%llu,\"probeCpuPercent\":%.3f,"
		"\"kernelCpuPercent\":%.3f,\"stoppedPercent\":%.3f,\"rateHz\":%u,"
		"\"rssBytes\":%llu",
		(ull)s->samples, (ull)s->lost, (double)r->health.probe_cpu_percent,
		(double)r->health.kernel_cpu_percent, (double)r->health.stopped_percent, s->rate_hz,
		(ull)r->health.rss_bytes);
	fprintf(out, ",\"requests\":%llu,\"requestScope\":\"%s\"}}\n", (ull)s->handled_requests,
		NAME(scopes, (unsigned int)s->request_scope));
	return true;
}
