/* SPDX-License-Identifier: MIT */
#include "wire/messages.h"

#include "wire/fields.h"

#include <pb_encode.h>
#include <string.h>

static bool encode_memory(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct wire_health *health = *arg;

	for (size_t i = 0; i < health->memory_count; i++) {
		const struct worker_memory *m = &health->memory[i];
		acupoint_wire_v1_WorkerMemory entry = {
			.pid = m->pid,
			.rss_bytes = m->rss_bytes,
			.gc_total = m->gc_total,
			.gc_threshold = m->gc_threshold,
			.gc_estimate = m->gc_estimate,
			.gc_phase = (acupoint_wire_v1_GcPhase)m->gc_phase,
			.vms = m->vms,
			.gc_debt = m->gc_debt,
			.rss_anon = m->resident.anon,
			.rss_file = m->resident.file,
			.rss_shared = m->resident.shared,
			.swapped = m->resident.swapped,
			.lua_segments = m->lua_segments,
			.lua_allocators = m->lua_allocators,
			.c_heap = m->mapped.c_heap,
			.shared_mapped = m->mapped.shared,
			.gc_low = m->seen.low,
			.gc_high = m->seen.high,
			.gc_cycles = m->seen.cycles,
		};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_WorkerMemory_fields, &entry))
			return false;
	}
	return true;
}

pb_callback_t wire_memory(const struct wire_health *health)
{
	return field_entries(encode_memory, health);
}

static bool encode_zone(pb_ostream_t *stream, const pb_field_t *field, const struct zone *z)
{
	struct field_text name = {z->name, strlen(z->name)};
	struct field_text module = {z->module, strlen(z->module)};
	acupoint_wire_v1_Zone entry = {
		.name = field_text(&name),
		.module = field_text(&module),
		.size_bytes = z->size,
		.resident_bytes = z->resident,
		.has_dict = z->has_dict,
		.dict = {z->dict.entries, z->dict.expired, z->dict.pages_looked_at,
			 z->dict.pages_used},
	};

	if (z->has_slab) {
		entry.page_bytes = z->slab.page_bytes;
		entry.pages = z->slab.pages;
		entry.free_pages = z->slab.free_pages;
		entry.free_in_pages = z->slab.free_in_pages;
		entry.blocks = z->slab.blocks;
		entry.refused = z->slab.refused;
	}
	return pb_encode_tag_for_field(stream, field) &&
	       pb_encode_submessage(stream, acupoint_wire_v1_Zone_fields, &entry);
}

static bool encode_zones(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct zones *zones = *arg;

	for (uint32_t i = 0; i < zones->count; i++)
		if (!encode_zone(stream, field, &zones->items[i]))
			return false;
	return true;
}

void wire_zones(acupoint_wire_v1_Zones *out, const struct zones *zones, struct field_text *missing)
{
	*missing = (struct field_text){zones->missing, strlen(zones->missing)};
	out->pid = (uint32_t)zones->pid;
	out->zones = field_entries(encode_zones, zones);
	out->left_out = zones->left_out;
	out->missing = field_text(missing);
}
