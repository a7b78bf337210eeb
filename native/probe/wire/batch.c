/* SPDX-License-Identifier: MIT */
#include "wire/messages.h"

#include "wire/fields.h"

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
		acupoint_wire_v1_Function entry = {f->name, f->file, f->line, f->last_line};

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

/* Without requests in any row, the column is left out. */
static size_t count_requests(const struct model_batch *batch)
{
	for (size_t i = 0; i < batch->row_count; i++)
		if (batch->rows[i].request)
			return batch->row_count;
	return 0;
}

static bool encode_bytes(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct model_batch *batch = *arg;
	pb_ostream_t sizing = PB_OSTREAM_SIZING;
	size_t i;

	if (!batch->allocation_count)
		return true;
	for (i = 0; i < batch->allocation_count; i++)
		if (!pb_encode_varint(&sizing, batch->allocations[i].bytes))
			return false;
	if (!pb_encode_tag(stream, PB_WT_STRING, field->tag) ||
	    !pb_encode_varint(stream, sizing.bytes_written))
		return false;
	for (i = 0; i < batch->allocation_count; i++)
		if (!pb_encode_varint(stream, batch->allocations[i].bytes))
			return false;
	return true;
}

static size_t count_allocation_requests(const struct model_batch *batch)
{
	for (size_t i = 0; i < batch->allocation_count; i++)
		if (batch->allocations[i].request)
			return batch->allocation_count;
	return 0;
}

static void fill_bursts(acupoint_wire_v1_AllocationBursts *out, const struct wire_health *health,
			const struct field_text *missing)
{
	const struct allocation_stats *stats = &health->allocations;

	out->on = stats->on;
	out->watched_us = stats->watched_us;
	out->elapsed_us = stats->elapsed_us;
	out->allocations = stats->allocations;
	out->bytes = stats->bytes;
	out->lost_bytes = stats->lost_bytes;
	out->requests = (uint64_t)(stats->requests + 0.5);
	out->request_scope = (acupoint_wire_v1_RequestScope)health->stats.request_scope;
	out->cost_percent = health->allocation_percent;
	out->missing = field_text(missing);
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
	out->native_complete = stats->native_complete;
	out->native_truncated = stats->native_truncated;
	out->rate_limit = (acupoint_wire_v1_RateLimit)health->limit;
	out->stopped_percent = health->stopped_percent;
}

int wire_batch(struct outbox *o, const struct wire_batch *head, const struct model_batch *rows)
{
	size_t n = rows->row_count, stride = sizeof(*rows->rows);
	struct field_numbers parents = {&rows->stacks->parent, rows->stack_count,
					sizeof(*rows->stacks)};
	struct field_numbers frames = {&rows->stacks->frame, rows->stack_count,
				       sizeof(*rows->stacks)};
	struct field_numbers stacks = {&rows->rows->stack, n, stride};
	struct field_numbers pids = {&rows->rows->pid, n, stride};
	struct field_numbers labels = {&rows->rows->labels, n, stride};
	struct field_numbers counts = {&rows->rows->count, n, stride};
	struct field_numbers requests = {&rows->rows->request, count_requests(rows), stride};
	struct model_bytes const *a = rows->allocations;
	size_t an = rows->allocation_count, across = sizeof(*a);
	struct field_numbers alloc_stacks = {&a->stack, an, across};
	struct field_numbers alloc_pids = {&a->pid, an, across};
	struct field_numbers alloc_labels = {&a->labels, an, across};
	struct field_numbers alloc_counts = {&a->count, an, across};
	struct field_numbers alloc_requests = {&a->request, count_allocation_requests(rows),
					       across};
	struct field_numbers traced = {0};
	struct field_text missing, no_zones, missing_bursts;
	const char *text;
	acupoint_wire_v1_FromProbe message = {.which_message =
						      acupoint_wire_v1_FromProbe_batch_tag};
	acupoint_wire_v1_Batch *batch = &message.message.batch;

	batch->sequence = head->sequence;
	batch->time_us = head->time_us;
	batch->interval_us = head->interval_us;
	batch->period_us = head->period_us;
	batch->strings = field_entries(encode_strings, rows);
	batch->functions = field_entries(encode_functions, rows);
	batch->frames = field_entries(encode_frames, rows);
	batch->labels = field_entries(encode_labels, rows);
	batch->stack_parents = field_numbers(&parents);
	batch->stack_frames = field_numbers(&frames);
	batch->row_stacks = field_numbers(&stacks);
	batch->row_pids = field_numbers(&pids);
	batch->row_labels = field_numbers(&labels);
	batch->row_counts = field_numbers(&counts);
	batch->requests = field_entries(encode_requests, rows);
	batch->row_requests = field_numbers(&requests);
	batch->modules = field_entries(encode_modules, head);
	batch->alloc_stacks = field_numbers(&alloc_stacks);
	batch->alloc_pids = field_numbers(&alloc_pids);
	batch->alloc_labels = field_numbers(&alloc_labels);
	batch->alloc_requests = field_numbers(&alloc_requests);
	batch->alloc_counts = field_numbers(&alloc_counts);
	batch->alloc_bytes = field_entries(encode_bytes, rows);
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
		text = head->health->allocations.missing;
		missing_bursts = (struct field_text){text, text ? strlen(text) : 0};
		batch->has_bursts = head->health->has_allocations;
		fill_bursts(&batch->bursts, head->health, &missing_bursts);
	}
	return wire_send(o, &message);
}
