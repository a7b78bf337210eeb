/* SPDX-License-Identifier: MIT */
#include "wire/messages.h"

#include "wire/fields.h"
#include "wire/series.h"

#include <pb_encode.h>
#include <string.h>

static bool encode_strings(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct model_batch *batch = *arg;

	/* Made valid UTF-8 when they came; an empty one still takes its id. */
	for (size_t i = 0; i < batch->string_count; i++) {
		const struct model_text *text = &batch->strings[i];

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_string(stream, (const pb_byte_t *)text->bytes, text->length))
			return false;
	}
	return true;
}

static bool encode_functions(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct model_batch *batch = *arg;

	for (size_t i = 0; i < batch->function_count; i++) {
		const struct model_function *f = &batch->functions[i];
		acupoint_wire_v1_Function entry = {f->name,	 f->file,     f->line,
						   f->last_line, f->identity, f->part_of};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Function_fields, &entry))
			return false;
	}
	return true;
}

static bool encode_frames(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct model_batch *batch = *arg;

	for (size_t i = 0; i < batch->frame_count; i++) {
		const struct model_frame *f = &batch->frames[i];
		acupoint_wire_v1_Frame entry = {
			.function = f->function,
			.kind = (acupoint_wire_v1_FrameKind)f->kind,
			.line = f->line,
			.flags = f->flags,
		};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Frame_fields, &entry))
			return false;
	}
	return true;
}

static bool encode_labels(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct model_batch *batch = *arg;

	for (size_t i = 0; i < batch->label_count; i++) {
		const struct model_label_entry *l = &batch->labels[i];
		acupoint_wire_v1_Labels entry = {
			.vm_state = (acupoint_wire_v1_VmState)l->vm_state,
			.quality = (acupoint_wire_v1_Quality)l->quality,
			.trace = l->trace,
			.phase = l->phase,
		};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Labels_fields, &entry))
			return false;
	}
	return true;
}

static bool encode_requests(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct model_batch *batch = *arg;

	for (size_t i = 0; i < batch->request_count; i++) {
		const struct model_request_entry *r = &batch->requests[i];
		acupoint_wire_v1_Request entry = {r->method, r->host, r->uri};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Request_fields, &entry))
			return false;
	}
	return true;
}

static bool encode_modules(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct wire_batch *head = *arg;

	for (size_t i = 0; i < head->module_sets; i++) {
		const struct loaded_modules *m = &head->modules[i];
		struct field_numbers names = {m->names, m->count, sizeof(*m->names)};
		acupoint_wire_v1_Modules entry = {
			.pid = m->pid,
			.vm = m->vm,
			.names = field_numbers(&names),
			.left_out = m->left_out,
			.kong_version = m->kong_version,
			.apisix_version = m->apisix_version,
		};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Modules_fields, &entry))
			return false;
	}
	return true;
}

static void fill_health(acupoint_wire_v1_Health *out, const struct wire_health *health,
			const struct field_numbers *pids, const struct field_text *missing)
{
	const struct trace_stats *stats = &health->stats;

	out->probe_cpu_percent = health->probe_cpu_percent;
	out->kernel_cpu_percent = health->kernel_cpu_percent;
	out->rss_bytes = health->rss_bytes;
	out->samples = stats->samples;
	out->lost = stats->lost;
	out->truncated = stats->truncated;
	out->rate_hz = stats->rate_hz;
	out->pids = field_numbers(pids);
	out->lua_samples = stats->lua_samples;
	out->lua_exact = stats->lua_exact;
	out->lua_function = stats->lua_function;
	out->lua_trace_root = stats->lua_trace_root;
	out->lua_unknown = stats->lua_unknown;
	out->request_samples = stats->request_samples;
	out->other_requests = stats->other_requests;
	out->handled_requests = stats->handled_requests;
	out->request_scope = (acupoint_wire_v1_RequestScope)stats->request_scope;
	out->requests_missing = field_text(missing);
	out->native_samples = stats->native_samples;
	out->native_complete = stats->walk_ends[UNWIND_COMPLETE];
	out->native_truncated = stats->walk_ends[UNWIND_FULL];
	out->target_cpu_us = stats->target_cpu_ns / 1000;
	out->walk_ends_count = UNWIND_STATES;
	memcpy(out->walk_ends, stats->walk_ends, sizeof(stats->walk_ends));
	out->rate_limit = (acupoint_wire_v1_RateLimit)health->limit;
	out->stopped_percent = health->stopped_percent;
	out->sampled_cpu_us = stats->sampled_us;
	out->sample_weight = (float)stats->weight;
}

int wire_batch(struct outbox *o, const struct wire_batch *head, const struct model_batch *rows)
{
	struct field_numbers parents = {&rows->stacks->parent, rows->stack_count,
					sizeof(*rows->stacks)};
	struct field_numbers frames = {&rows->stacks->frame, rows->stack_count,
				       sizeof(*rows->stacks)};
	struct wire_rows series_rows = {rows, head->period_us};
	struct field_numbers traced = {0};
	struct field_text missing, no_zones;
	const char *text;
	acupoint_wire_v1_FromProbe message = {.which_message =
						      acupoint_wire_v1_FromProbe_batch_tag};
	acupoint_wire_v1_Batch *batch = &message.message.batch;

	batch->sequence = head->sequence;
	batch->time_us = head->time_us;
	batch->interval_us = head->interval_us;
	batch->strings = field_entries(encode_strings, rows);
	batch->functions = field_entries(encode_functions, rows);
	batch->frames = field_entries(encode_frames, rows);
	batch->labels = field_entries(encode_labels, rows);
	batch->stack_parents = field_numbers(&parents);
	batch->stack_frames = field_numbers(&frames);
	batch->requests = field_entries(encode_requests, rows);
	batch->modules = field_entries(encode_modules, head);
	batch->series = wire_series(rows);
	batch->stacks = wire_stack_rows(&series_rows);
	batch->tables = wire_table_rows(rows);
	batch->points = wire_points(rows);
	if (head->health) {
		traced = (struct field_numbers){head->health->pids, head->health->pid_count,
						sizeof(uint32_t)};
		batch->has_health = true;
		batch->memory = wire_memory(head->health);
		batch->has_zones = head->health->zones != NULL;
		if (batch->has_zones)
			wire_zones(&batch->zones, head->health->zones, &no_zones);
		text = head->health->stats.requests_missing;
		missing = (struct field_text){text, text ? strlen(text) : 0};
		fill_health(&batch->health, head->health, &traced, &missing);
		batch->instruments = wire_instruments(head->health);
	}
	return wire_send(o, &message);
}
