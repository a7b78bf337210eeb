/* SPDX-License-Identifier: MIT */
/*
 * The rows and names that the model has gathered since it was last drained. Two steps, so that
 * nothing is lost and no id is sent twice when a batch cannot be written: model_drain shows,
 * model_drained takes away.
 */
#ifndef ACUPOINT_DRAIN_H
#define ACUPOINT_DRAIN_H

#include "model/model.h"
#include "model/tables.h"

struct model_text {
	const char *bytes; /* valid UTF-8 */
	uint32_t length;
};

struct model_function {
	uint32_t name, file, line, last_line, identity, part_of;
};

struct model_frame {
	uint32_t function, kind, line, flags;
};

struct model_stack {
	uint32_t parent, frame;
};

struct model_label_entry {
	uint32_t vm_state, quality, trace, phase;
};

struct model_request_entry {
	uint32_t method, host, uri;
};

struct model_row {
	uint32_t series;
	struct model_place place;
	uint32_t count;
	uint64_t value;
};

/* New entries of the dictionaries, in the order of their ids, and the rows. Valid until the model
 * changes. */
struct model_batch {
	const struct model_text *strings;
	const struct model_function *functions;
	const struct model_frame *frames;
	const struct model_stack *stacks;
	const struct model_label_entry *labels;
	const struct model_request_entry *requests;
	/* All that were ever declared, by id - 1; the last `new_series` of them are new. */
	const struct series *const *series;
	const struct model_row *rows; /* of all series */
	const struct table_row *tables;
	/* Of the tables' rows, one after another. */
	const struct table_value *buckets;
	const struct model_point *points;
	size_t string_count, function_count, frame_count, stack_count, label_count, request_count;
	size_t series_count, new_series;
	size_t row_count, table_count, bucket_count, point_count;
	bool more; /* did not fit: drain again for the rest */
};

/* Shows at most about max_bytes (as the wire would have them). Rows come only after all that they
 * refer to. */
void model_drain(struct model *m, size_t max_bytes, struct model_batch *out);
void model_drained(struct model *m, const struct model_batch *batch);

/* Forgets the rows that were not drained; they count as lost. Returns the samples of `series`. */
uint64_t model_discard(struct model *m, const struct series *series);

/* Bytes that wait to be drained, rows apart: grows only while nobody drains. */
size_t model_waiting(const struct model *m);
/* Returns how much of a series the adding functions have refused since the model was made. */
uint64_t model_lost(const struct model *m, const struct series *series);
/* A dictionary is full: what is new has no id any more. */
bool model_full(const struct model *m);

#endif
