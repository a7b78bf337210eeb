/* SPDX-License-Identifier: MIT */
#include "wire/series.h"

#include "wire/fields.h"

#include <pb_encode.h>
#include <string.h>

/* One column of the rows of one series: every row is asked, those of others answer false. */
struct column {
	const struct model_batch *batch;
	uint32_t series;
	/* Writes the row's value or values to the stream. */
	bool (*write)(pb_ostream_t *stream, const struct column *column, size_t row);
	size_t rows;
};

static bool write_all(pb_ostream_t *stream, const struct column *column)
{
	for (size_t i = 0; i < column->rows; i++)
		if (!column->write(stream, column, i))
			return false;
	return true;
}

static bool encode_column(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct column *column = *arg;
	pb_ostream_t sizing = PB_OSTREAM_SIZING;

	if (!write_all(&sizing, column))
		return false;
	return !sizing.bytes_written ||
	       (pb_encode_tag(stream, PB_WT_STRING, field->tag) &&
		pb_encode_varint(stream, sizing.bytes_written) && write_all(stream, column));
}

static pb_callback_t field_column(const struct column *column)
{
	return field_entries(encode_column, column);
}

static const struct series *series_of(const struct model_batch *batch, uint32_t id)
{
	return batch->series[id - 1];
}

/* ---- declarations ---- */

static bool encode_keys(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct series *series = *arg;

	for (size_t i = 0; i < series->key_count; i++) {
		struct field_text name = {series->keys[i].name, strlen(series->keys[i].name)};
		acupoint_wire_v1_Key entry = {field_text(&name), series->keys[i].number};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Key_fields, &entry))
			return false;
	}
	return true;
}

static bool encode_series(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct model_batch *batch = *arg;

	for (size_t i = batch->series_count - batch->new_series; i < batch->series_count; i++) {
		const struct series *s = batch->series[i];
		struct field_text name = {s->name, strlen(s->name)};
		struct field_text instrument = {s->instrument, strlen(s->instrument)};
		struct field_text unit = {s->unit, strlen(s->unit)};
		acupoint_wire_v1_Series entry = {
			.name = field_text(&name),
			.instrument = field_text(&instrument),
			.shape = (acupoint_wire_v1_Shape)s->shape,
			.unit = field_text(&unit),
			.estimated = s->estimated,
			.keys = field_entries(encode_keys, s),
		};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Series_fields, &entry))
			return false;
	}
	return true;
}

pb_callback_t wire_series(const struct model_batch *batch)
{
	return field_entries(encode_series, batch);
}

/* ---- stacks ---- */

#define STACK_COLUMN(name, value)                                                                  \
	static bool name(pb_ostream_t *stream, const struct column *c, size_t i)                   \
	{                                                                                          \
		const struct model_row *row = &c->batch->rows[i];                                  \
                                                                                                   \
		return row->series != c->series || pb_encode_varint(stream, (value));              \
	}
STACK_COLUMN(write_stack, row->place.stack)
STACK_COLUMN(write_pid, row->place.pid)
STACK_COLUMN(write_labels, row->place.labels)
STACK_COLUMN(write_request, row->place.request)
STACK_COLUMN(write_count, row->count)
STACK_COLUMN(write_value, row->value)

static bool has_rows(const struct model_batch *batch, uint32_t series, bool with_request)
{
	for (size_t i = 0; i < batch->row_count; i++)
		if (batch->rows[i].series == series &&
		    (!with_request || batch->rows[i].place.request))
			return true;
	return false;
}

static bool encode_stack_rows(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct wire_rows *rows = *arg;
	const struct model_batch *batch = rows->batch;
	acupoint_wire_v1_StackRows entry;

	for (uint32_t id = 1; id <= batch->series_count; id++) {
		struct column base = {batch, id, write_stack, batch->row_count};
		struct column stacks = base, pids = base, labels = base, counts = base;
		struct column requests = base, values = base;
		bool counted = series_of(batch, id)->counted;

		if (!has_rows(batch, id, false))
			continue;
		pids.write = write_pid;
		labels.write = write_labels;
		counts.write = write_count;
		requests.write = write_request;
		values.write = write_value;
		/* Columns that say nothing are left out. */
		if (!has_rows(batch, id, true))
			requests.rows = 0;
		if (counted)
			values.rows = 0;
		entry = (acupoint_wire_v1_StackRows){
			.series = id,
			.stacks = field_column(&stacks),
			.pids = field_column(&pids),
			.labels = field_column(&labels),
			.requests = field_column(&requests),
			.counts = field_column(&counts),
			.values = field_column(&values),
			.value_per_count = counted ? rows->period_us : 0,
		};
		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_StackRows_fields, &entry))
			return false;
	}
	return true;
}

pb_callback_t wire_stack_rows(const struct wire_rows *rows)
{
	return field_entries(encode_stack_rows, rows);
}

/* ---- tables ---- */

#define TABLE_COLUMN(name, value)                                                                  \
	static bool name(pb_ostream_t *stream, const struct column *c, size_t i)                   \
	{                                                                                          \
		const struct table_row *row = &c->batch->tables[i];                                \
                                                                                                   \
		return row->key.series != c->series || pb_encode_varint(stream, (value));          \
	}
TABLE_COLUMN(write_table_pid, row->key.pid)
TABLE_COLUMN(write_table_count, row->count)
TABLE_COLUMN(write_sum, row->sum)
TABLE_COLUMN(write_least, row->least)
TABLE_COLUMN(write_most, row->most)
TABLE_COLUMN(write_bucket_rows, row->bucket_count)

static bool write_keys(pb_ostream_t *stream, const struct column *c, size_t i)
{
	const struct table_row *row = &c->batch->tables[i];
	size_t count = series_of(c->batch, c->series)->key_count;

	if (row->key.series != c->series)
		return true;
	for (size_t k = 0; k < count; k++)
		if (!pb_encode_varint(stream, row->key.keys[k]))
			return false;
	return true;
}

/* The buckets of all rows stand in the rows' order: those of other series are stepped over. */
static bool write_all_buckets(pb_ostream_t *stream, const struct column *c, bool counts)
{
	const struct table_value *value = c->batch->buckets;

	for (size_t i = 0; i < c->batch->table_count; i++) {
		const struct table_row *row = &c->batch->tables[i];

		for (size_t k = 0; k < row->bucket_count; k++, value++)
			if (row->key.series == c->series &&
			    !pb_encode_varint(stream, counts ? value->count : value->bucket))
				return false;
	}
	return true;
}

static bool write_buckets(pb_ostream_t *stream, const struct column *c, size_t i)
{
	(void)i;
	return write_all_buckets(stream, c, false);
}

static bool write_bucket_counts(pb_ostream_t *stream, const struct column *c, size_t i)
{
	(void)i;
	return write_all_buckets(stream, c, true);
}

static bool has_table(const struct model_batch *batch, uint32_t series)
{
	for (size_t i = 0; i < batch->table_count; i++)
		if (batch->tables[i].key.series == series)
			return true;
	return false;
}

static bool encode_table_rows(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct model_batch *batch = *arg;
	acupoint_wire_v1_TableRows entry;

	for (uint32_t id = 1; id <= batch->series_count; id++) {
		struct column base = {batch, id, write_table_pid, batch->table_count};
		struct column pids = base, keys = base, counts = base, sums = base, least = base;
		struct column most = base, bucket_rows = base, buckets = base, in_buckets = base;

		if (!has_table(batch, id))
			continue;
		keys.write = write_keys;
		counts.write = write_table_count;
		sums.write = write_sum;
		least.write = write_least;
		most.write = write_most;
		bucket_rows.write = write_bucket_rows;
		buckets.write = write_buckets;
		in_buckets.write = write_bucket_counts;
		bucket_rows.rows = series_of(batch, id)->buckets ? batch->table_count : 0;
		buckets.rows = in_buckets.rows = bucket_rows.rows ? 1 : 0;
		entry = (acupoint_wire_v1_TableRows){
			.series = id,
			.pids = field_column(&pids),
			.keys = field_column(&keys),
			.counts = field_column(&counts),
			.sums = field_column(&sums),
			.least = field_column(&least),
			.most = field_column(&most),
			.bucket_rows = field_column(&bucket_rows),
			.buckets = field_column(&buckets),
			.bucket_counts = field_column(&in_buckets),
		};
		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_TableRows_fields, &entry))
			return false;
	}
	return true;
}

pb_callback_t wire_table_rows(const struct model_batch *batch)
{
	return field_entries(encode_table_rows, batch);
}

/* ---- points ---- */

#define POINT_COLUMN(name, value)                                                                  \
	static bool name(pb_ostream_t *stream, const struct column *c, size_t i)                   \
	{                                                                                          \
		const struct model_point *point = &c->batch->points[i];                            \
                                                                                                   \
		return point->series != c->series || pb_encode_varint(stream, (value));            \
	}
POINT_COLUMN(write_point_pid, point->pid)
POINT_COLUMN(write_time, point->time_us)
POINT_COLUMN(write_text, point->text)
POINT_COLUMN(write_point_stack, point->stack)

static bool write_numbers(pb_ostream_t *stream, const struct column *c, size_t i)
{
	const struct model_point *point = &c->batch->points[i];
	size_t count = series_of(c->batch, c->series)->key_count;

	if (point->series != c->series)
		return true;
	for (size_t k = 0; k < count; k++)
		if (!pb_encode_fixed64(stream, &point->numbers[k]))
			return false;
	return true;
}

struct points_seen {
	bool any, text, stack;
};

static struct points_seen points_of(const struct model_batch *batch, uint32_t series)
{
	struct points_seen seen = {0};

	for (size_t i = 0; i < batch->point_count; i++) {
		const struct model_point *point = &batch->points[i];

		if (point->series != series)
			continue;
		seen.any = true;
		seen.text |= point->text != 0;
		seen.stack |= point->stack != 0;
	}
	return seen;
}

static bool encode_points(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct model_batch *batch = *arg;
	acupoint_wire_v1_Points entry;

	for (uint32_t id = 1; id <= batch->series_count; id++) {
		struct column base = {batch, id, write_point_pid, batch->point_count};
		struct column pids = base, times = base, numbers = base, texts = base;
		struct column stacks = base;
		struct points_seen seen = points_of(batch, id);

		if (!seen.any)
			continue;
		times.write = write_time;
		numbers.write = write_numbers;
		texts.write = write_text;
		stacks.write = write_point_stack;
		texts.rows = seen.text ? batch->point_count : 0;
		stacks.rows = seen.stack ? batch->point_count : 0;
		entry = (acupoint_wire_v1_Points){
			.series = id,
			.pids = field_column(&pids),
			.times_us = field_column(&times),
			.numbers = field_column(&numbers),
			.texts = field_column(&texts),
			.stacks = field_column(&stacks),
		};
		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_Points_fields, &entry))
			return false;
	}
	return true;
}

pb_callback_t wire_points(const struct model_batch *batch)
{
	return field_entries(encode_points, batch);
}

/* ---- instruments ---- */

static bool encode_instruments(pb_ostream_t *stream, const pb_field_t *field, void *const *arg)
{
	const struct wire_health *health = *arg;

	for (size_t i = 0; i < health->instrument_count; i++) {
		const struct wire_instrument *w = &health->instruments[i];
		const struct instrument_state *state = &w->state;
		struct field_text id = {w->id, strlen(w->id)};
		struct field_text missing = {state->missing,
					     state->missing ? strlen(state->missing) : 0};
		acupoint_wire_v1_InstrumentState entry = {
			.instrument = field_text(&id),
			.on = w->on,
			.watched_us = state->watched_us,
			.elapsed_us = state->elapsed_us,
			.events = state->events,
			.value = state->value,
			.lost_events = state->lost_events,
			.lost_value = state->lost_value,
			.requests = (uint64_t)(state->requests + 0.5),
			.request_scope = (acupoint_wire_v1_RequestScope)health->stats.request_scope,
			.cost_percent = w->cost_percent,
			.missing = field_text(&missing),
		};

		if (!pb_encode_tag_for_field(stream, field) ||
		    !pb_encode_submessage(stream, acupoint_wire_v1_InstrumentState_fields, &entry))
			return false;
	}
	return true;
}

pb_callback_t wire_instruments(const struct wire_health *health)
{
	return field_entries(encode_instruments, health);
}
