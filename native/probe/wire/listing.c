/* SPDX-License-Identifier: MIT */
#include "wire/messages.h"

#include "nginx/listing.h"
#include "wire/fields.h"

#include <pb_encode.h>
#include <string.h>

enum { MAX_LISTING = 900 * 1024 };

static struct field_text whole(const char *text)
{
	return (struct field_text){text, strlen(text)};
}

static bool encode_listen(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct nginx_master *master = *arg;

	for (size_t i = 0; i < master->listen_count; i++) {
		if (!encode_text(stream, field, master->listen[i], strlen(master->listen[i])))
			return false;
	}
	return true;
}

static bool encode_workers(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct nginx_master *master = *arg;

	for (size_t i = 0; i < master->worker_count; i++) {
		const struct nginx_worker *worker = &master->workers[i];
		struct field_text title = whole(worker->title);
		acupoint_wire_v1_Worker entry = {
			.pid = (uint32_t)worker->pid,
			.start_time = worker->start_time,
			.cpu_percent = worker->cpu_percent,
			.rss_bytes = worker->rss_bytes,
			.title = field_text(&title),
			.refused = worker->refused,
		};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Worker_fields, &entry))
			return false;
	}
	return true;
}

static bool encode_master(pb_ostream_t *stream, const pb_field_t *field,
			  const struct nginx_master *master)
{
	struct field_text version = whole(master->version);
	struct field_text nginx_version = whole(master->nginx_version);
	struct field_text executable = whole(master->executable);
	struct field_text command_line = whole(master->command_line);
	struct field_text prefix = whole(master->prefix);
	struct field_text config_file = whole(master->config_file);
	struct field_text container = whole(master->container);
	struct field_text user = whole(master->user);
	acupoint_wire_v1_Master entry = {
		.pid = (uint32_t)master->pid,
		.kind = (acupoint_wire_v1_ServerKind)master->kind,
		.version = field_text(&version),
		.nginx_version = field_text(&nginx_version),
		.executable = field_text(&executable),
		.command_line = field_text(&command_line),
		.prefix = field_text(&prefix),
		.config_file = field_text(&config_file),
		.listen = field_entries(encode_listen, master),
		.container = field_text(&container),
		.user = field_text(&user),
		.lua = master->lua,
		.workers = field_entries(encode_workers, master),
	};

	return pb_encode_tag_for_field(stream, field) &&
	       pb_encode_submessage(stream, acupoint_wire_v1_Master_fields, &entry);
}

static bool encode_masters(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct nginx_listing *listing = *arg;

	for (size_t i = 0; i < listing->count; i++) {
		if (!encode_master(stream, field, &listing->masters[i]))
			return false;
	}
	return true;
}

int wire_listing(struct outbox *o, uint32_t request, const struct nginx_listing *listing,
		 size_t *left_out)
{
	struct nginx_listing shown = *listing;
	acupoint_wire_v1_FromProbe message = {.which_message =
						      acupoint_wire_v1_FromProbe_listing_tag};
	size_t size;

	message.message.listing.request = request;
	message.message.listing.masters = field_entries(encode_masters, &shown);
	/* Only a host on which somebody means harm has so many, with such long names. */
	while (pb_get_encoded_size(&size, acupoint_wire_v1_FromProbe_fields, &message) &&
	       size > MAX_LISTING && shown.count)
		shown.count--;
	*left_out = listing->count - shown.count;
	return wire_send(o, &message);
}
