/* SPDX-License-Identifier: MIT */
#include "wire/messages.h"

#include "host/failure.h"
#include "host/report.h"
#include "wire/fields.h"

#include <errno.h>
#include <pb_encode.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_TEXT = 4 * 1024,
	MAX_DETAIL = 256 * 1024,
	MAX_LENGTH_PREFIX = 5,
};

static struct field_text text_of(const char *text, size_t limit)
{
	return (struct field_text){text, text ? strnlen(text, limit) : 0};
}

int wire_send(struct outbox *o, const acupoint_wire_v1_FromProbe *message)
{
	pb_ostream_t stream;
	uint8_t *out;
	size_t size;

	if (!pb_get_encoded_size(&size, acupoint_wire_v1_FromProbe_fields, message))
		return -EINVAL;
	size += MAX_LENGTH_PREFIX;
	out = outbox_reserve(o, size);
	if (!out)
		return -ENOBUFS;
	stream = pb_ostream_from_buffer(out, size);
	if (!pb_encode_ex(&stream, acupoint_wire_v1_FromProbe_fields, message, PB_ENCODE_DELIMITED))
		return -EINVAL;
	outbox_commit(o, stream.bytes_written);
	return 0;
}

static bool encode_missing(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct host_report *report = *arg;

	for (size_t i = 0; i < report->missing_count; i++) {
		const struct host_missing *missing = &report->missing[i];
		struct field_text what = text_of(missing->what, MAX_TEXT);
		struct field_text why = text_of(missing->why, MAX_TEXT);
		struct field_text remedy = text_of(missing->remedy, MAX_TEXT);
		acupoint_wire_v1_Missing entry = {
			.what = field_text(&what),
			.why = field_text(&why),
			.remedy = field_text(&remedy),
		};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Missing_fields, &entry))
			return false;
	}
	return true;
}

int wire_hello(struct outbox *o, const struct host_report *report, enum sampler_kind sampler)
{
	struct field_text version = text_of(PROBE_VERSION, MAX_TEXT);
	struct field_text architecture = text_of(report->architecture, MAX_TEXT);
	struct field_text kernel = text_of(report->kernel, MAX_TEXT);
	acupoint_wire_v1_FromProbe message = {.which_message =
						      acupoint_wire_v1_FromProbe_hello_tag};
	acupoint_wire_v1_Hello *hello = &message.message.hello;

	hello->protocol = 2;
	hello->probe_version = field_text(&version);
	hello->architecture = field_text(&architecture);
	hello->kernel = field_text(&kernel);
	hello->sampler = (acupoint_wire_v1_Sampler)sampler;
	hello->missing = field_entries(encode_missing, report);
	hello->probe_pid = report->pid;
	hello->cpus = report->cpus;
	return wire_send(o, &message);
}

int wire_started(struct outbox *o, uint32_t request, enum sampler_kind sampler,
		 const uint32_t *pids, size_t pid_count, uint64_t start_unix_us)
{
	struct field_numbers numbers = {pids, pid_count, sizeof(*pids)};
	acupoint_wire_v1_FromProbe message = {.which_message =
						      acupoint_wire_v1_FromProbe_started_tag};
	acupoint_wire_v1_Started *started = &message.message.started;

	started->request = request;
	started->sampler = (acupoint_wire_v1_Sampler)sampler;
	started->pids = field_numbers(&numbers);
	started->start_unix_us = start_unix_us;
	return wire_send(o, &message);
}

int wire_stopped(struct outbox *o, uint32_t request, const char *reason)
{
	struct field_text text = text_of(reason, MAX_TEXT);
	acupoint_wire_v1_FromProbe message = {.which_message =
						      acupoint_wire_v1_FromProbe_stopped_tag};

	message.message.stopped.request = request;
	message.message.stopped.reason = field_text(&text);
	return wire_send(o, &message);
}

int wire_notice(struct outbox *o, int kind, uint32_t pid, const char *text, const char *detail)
{
	struct field_text shown = text_of(text, MAX_TEXT);
	struct field_text logged = text_of(detail, MAX_DETAIL);
	acupoint_wire_v1_FromProbe message = {.which_message =
						      acupoint_wire_v1_FromProbe_notice_tag};
	acupoint_wire_v1_Notice *notice = &message.message.notice;

	notice->crashed = kind == NOTICE_WORKER_CRASHED;
	notice->kind = notice->crashed ? acupoint_wire_v1_NoticeKind_NOTICE_WORKER_LEFT
				       : (acupoint_wire_v1_NoticeKind)kind;
	notice->pid = pid;
	notice->text = field_text(&shown);
	notice->detail = field_text(&logged);
	return wire_send(o, &message);
}

int wire_failure(struct outbox *o, uint32_t request, int kind, const char *text, const char *detail)
{
	struct field_text shown = text_of(text, MAX_TEXT);
	struct field_text logged = text_of(detail, MAX_DETAIL);
	acupoint_wire_v1_FromProbe message = {.which_message =
						      acupoint_wire_v1_FromProbe_failure_tag};
	acupoint_wire_v1_Failure *failure = &message.message.failure;

	failure->request = request;
	failure->kind = (acupoint_wire_v1_FailureKind)kind;
	failure->text = field_text(&shown);
	failure->detail = field_text(&logged);
	return wire_send(o, &message);
}

int wire_pong(struct outbox *o, uint32_t request, uint64_t sent_us)
{
	acupoint_wire_v1_FromProbe message = {.which_message = acupoint_wire_v1_FromProbe_pong_tag};

	message.message.pong.request = request;
	message.message.pong.sent_us = sent_us;
	return wire_send(o, &message);
}

int wire_file(struct outbox *o, const struct wire_file *file)
{
	struct field_text chunk = {file->chunk, file->chunk_length};
	acupoint_wire_v1_FromProbe message = {.which_message = acupoint_wire_v1_FromProbe_file_tag};
	acupoint_wire_v1_FileContent *content = &message.message.file;

	content->request = file->request;
	content->chunk = field_bytes(&chunk);
	content->done = file->done;
	content->size = file->size;
	content->modified_us = file->modified_us;
	return wire_send(o, &message);
}

int wire_heap(struct outbox *o, uint32_t request, const char *piece, size_t length)
{
	struct field_text bytes = {piece, length};
	acupoint_wire_v1_FromProbe message = {.which_message = acupoint_wire_v1_FromProbe_heap_tag};

	message.message.heap.request = request;
	message.message.heap.piece = field_bytes(&bytes);
	message.message.heap.done = !length;
	return wire_send(o, &message);
}
