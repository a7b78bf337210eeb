/* SPDX-License-Identifier: MIT */
#include "record/recording.h"

#include <stdlib.h>
#include <string.h>

#include "host/array.h"

enum { MAX_ROWS = 1 << 24, MAX_DRAIN = 64 << 20 };

void recording_init(struct recording *r)
{
	memset(r, 0, sizeof(*r));
	dictionary_init(&r->rows, sizeof(struct recording_row), MAX_ROWS, 1);
}

void recording_free(struct recording *r)
{
	for (size_t i = 0; i < r->string_count; i++)
		free((char *)r->strings[i].bytes);
	free(r->strings);
	free(r->functions);
	free(r->frames);
	free(r->stacks);
	free(r->labels);
	free(r->requests);
	free(r->counts);
	free(r->pids);
	dictionary_free(&r->rows);
}

/* Appends by doubling at powers of two, so that the arrays need no capacity of their own. */
static bool append(void *array, size_t *count, const void *items, size_t added, size_t size)
{
	char **bytes = array;

	for (size_t i = 0; i < added; i++) {
		if (!(*count & (*count - 1))) {
			char *grown = realloc(*bytes, (*count ? *count * 2 : 1) * size);

			if (!grown)
				return false;
			*bytes = grown;
		}
		memcpy(*bytes + *count * size, (const char *)items + i * size, size);
		++*count;
	}
	return true;
}

static bool take_strings(struct recording *r, const struct model_batch *batch)
{
	for (size_t i = 0; i < batch->string_count; i++) {
		struct model_text copy = batch->strings[i];
		char *bytes = malloc(copy.length + 1);

		if (!bytes)
			return false;
		memcpy(bytes, copy.bytes ? copy.bytes : "", copy.length);
		copy.bytes = bytes;
		if (!append(&r->strings, &r->string_count, &copy, 1, sizeof(copy))) {
			free(bytes);
			return false;
		}
	}
	return true;
}

static struct recording_count *count_of(struct recording *r, const struct recording_row *key)
{
	bool added;
	uint32_t id = dictionary_intern(&r->rows, key, &added);

	if (!id)
		return NULL;
	if (!array_reserve(r->counts, r->count_capacity, id, 1024))
		return NULL;
	if (added)
		r->counts[id - 1] = (struct recording_count){0};
	return &r->counts[id - 1];
}

static bool take_rows(struct recording *r, const struct model_batch *batch)
{
	for (size_t i = 0; i < batch->row_count; i++) {
		const struct model_row *row = &batch->rows[i];
		struct recording_row key = {row->place.stack, row->place.pid, row->place.labels,
					    row->place.request};
		struct recording_count *count = count_of(r, &key);

		if (!count)
			return false;
		if (batch->series[row->series - 1]->counted) {
			count->samples += row->count;
			count->ns += row->count * r->period_ns;
		} else {
			count->stacks += row->count;
			count->bytes += row->value;
		}
	}
	return true;
}

const struct wire_instrument *recording_instrument(const struct recording *r, const char *id)
{
	for (size_t i = 0; i < r->health.instrument_count; i++)
		if (!strcmp(r->health.instruments[i].id, id))
			return &r->health.instruments[i];
	return NULL;
}

bool recording_take(struct recording *r, struct model *model)
{
	struct model_batch b;

	do {
		model_drain(model, MAX_DRAIN, &b);
		if (!take_strings(r, &b) ||
		    !append(&r->functions, &r->function_count, b.functions, b.function_count,
			    sizeof(*b.functions)) ||
		    !append(&r->frames, &r->frame_count, b.frames, b.frame_count,
			    sizeof(*b.frames)) ||
		    !append(&r->stacks, &r->stack_count, b.stacks, b.stack_count,
			    sizeof(*b.stacks)) ||
		    !append(&r->labels, &r->label_count, b.labels, b.label_count,
			    sizeof(*b.labels)) ||
		    !append(&r->requests, &r->request_count, b.requests, b.request_count,
			    sizeof(*b.requests)) ||
		    !take_rows(r, &b))
			return false;
		model_drained(model, &b);
	} while (b.more);
	return true;
}

size_t recording_stack(const struct recording *r, uint32_t stack, uint32_t *out)
{
	size_t depth = 0;

	while (stack && stack <= r->stack_count && depth < RECORDING_MAX_DEPTH) {
		out[depth++] = r->stacks[stack - 1].frame;
		stack = r->stacks[stack - 1].parent;
	}
	for (size_t i = 0; i < depth / 2; i++) {
		uint32_t swapped = out[i];

		out[i] = out[depth - 1 - i];
		out[depth - 1 - i] = swapped;
	}
	return depth;
}

struct model_text recording_string(const struct recording *r, uint32_t id)
{
	if (!id || id > r->string_count)
		return (struct model_text){"", 0};
	return r->strings[id - 1];
}

const struct model_function *recording_function(const struct recording *r, uint32_t id)
{
	static const struct model_function none;

	return id && id <= r->function_count ? &r->functions[id - 1] : &none;
}
