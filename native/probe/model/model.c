/* SPDX-License-Identifier: MIT */
#include "host/array.h"
#include "model/dictionary.h"
#include "model/drain.h"
#include "model/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	MAX_TEXT = 64 * 1024,
	MAX_STRINGS = 1 << 18,
	MAX_FUNCTIONS = 1 << 18,
	MAX_FRAMES = 1 << 20,
	MAX_STACKS = 1 << 21,
	MAX_LABELS = 1 << 18,
	MAX_REQUESTS = 1 << 16,
	MAX_ROWS = 1 << 14,
	MAX_POINTS = 1 << 12,
	/* Wire bytes of one entry at most, tags and lengths included. */
	STRING_BYTES = 5,
	FUNCTION_BYTES = 38,
	FRAME_BYTES = 26,
	STACK_BYTES = 10,
	LABEL_BYTES = 26,
	REQUEST_BYTES = 20,
	ROW_BYTES = 35,
	SERIES_BYTES = 512,
	TABLE_ROW_BYTES = 80,
	BUCKET_BYTES = 15,
	POINT_BYTES = 100,
};

/* A string is known again by its length and two hashes; its text goes when it has been sent. */
struct string_key {
	uint64_t first, second, length;
};

struct row_key {
	uint32_t series;
	struct model_place place;
};

struct model {
	struct dictionary strings, functions, frames, stacks, labels, requests, rows;
	size_t functions_sent, frames_sent, stacks_sent, labels_sent, requests_sent;
	struct model_text *texts; /* of the strings not yet sent */
	size_t text_count, text_capacity, texts_sent, text_bytes;
	const struct series *series[SERIES_MAX];
	uint64_t lost[SERIES_MAX]; /* of each */
	size_t series_count, series_sent;
	struct model_row *row_values; /* as rows, with counts; MAX_ROWS */
	struct tables tables;
	struct table_value *buckets; /* of the last drain */
	struct model_point *points;  /* MAX_POINTS; NULL: none yet */
	size_t point_count;
	uint64_t second_seed;
	bool full;
};

struct model *model_new(void)
{
	uint64_t seeds[2] = {0x243f6a8885a308d3, 0x13198a2e03707344};
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->row_values = calloc(MAX_ROWS, sizeof(*m->row_values));
	if (!m->row_values) {
		free(m);
		return NULL;
	}
	/* Without randomness the hashes are only predictable: no reason to stop. */
	if (getrandom(seeds, sizeof(seeds), GRND_NONBLOCK) < 0)
		seeds[0] ^= (uintptr_t)m;
	m->second_seed = seeds[1];
	dictionary_init(&m->strings, sizeof(struct string_key), MAX_STRINGS, seeds[0]);
	dictionary_init(&m->functions, sizeof(struct model_function), MAX_FUNCTIONS, seeds[0]);
	dictionary_init(&m->frames, sizeof(struct model_frame), MAX_FRAMES, seeds[0]);
	dictionary_init(&m->stacks, sizeof(struct model_stack), MAX_STACKS, seeds[0]);
	dictionary_init(&m->labels, sizeof(struct model_label_entry), MAX_LABELS, seeds[0]);
	dictionary_init(&m->requests, sizeof(struct model_request_entry), MAX_REQUESTS, seeds[0]);
	dictionary_init(&m->rows, sizeof(struct row_key), MAX_ROWS, seeds[0]);
	tables_init(&m->tables, seeds[0]);
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->text_count; i++)
		free((char *)m->texts[i].bytes);
	free(m->texts);
	free(m->row_values);
	free(m->buckets);
	free(m->points);
	dictionary_free(&m->strings);
	dictionary_free(&m->functions);
	dictionary_free(&m->frames);
	dictionary_free(&m->stacks);
	dictionary_free(&m->labels);
	dictionary_free(&m->requests);
	dictionary_free(&m->rows);
	tables_free(&m->tables);
	free(m);
}

static uint32_t intern(struct model *m, struct dictionary *d, const void *entry)
{
	bool added;
	uint32_t id = dictionary_intern(d, entry, &added);

	if (!id)
		m->full = true;
	return id;
}

uint32_t model_string(struct model *m, const char *text, size_t length)
{
	struct string_key key;
	uint32_t id, known = m->strings.count;
	size_t clean_length;
	char *clean;

	length = utf8_cut(text, length, MAX_TEXT);
	key.first = hash_bytes(text, length, m->strings.seed);
	key.second = hash_bytes(text, length, m->second_seed);
	key.length = length;
	/* Each id that is new must have its place among the texts. */
	if (!array_reserve(m->texts, m->text_capacity, m->text_count + 1, 64))
		return 0;
	id = intern(m, &m->strings, &key);
	if (!id || m->strings.count == known)
		return id;
	clean_length = utf8_clean_length(text, length);
	clean = malloc(clean_length + 1);
	if (clean) {
		/* Replaced bytes become longer; the limit is for what is sent. */
		utf8_clean(text, length, clean);
		clean_length = utf8_cut(clean, clean_length, MAX_TEXT);
	} else {
		clean_length = 0; /* the id is given away: an empty text keeps both ends in step */
	}
	m->texts[m->text_count++] = (struct model_text){clean, (uint32_t)clean_length};
	m->text_bytes += clean_length + sizeof(*m->texts);
	return id;
}

uint32_t model_function(struct model *m, uint32_t name, uint32_t file, uint32_t line,
			uint32_t last_line)
{
	return model_code(m, name, file, line, last_line, 0);
}

uint32_t model_code(struct model *m, uint32_t name, uint32_t file, uint32_t line,
		    uint32_t last_line, uint32_t identity)
{
	struct model_function entry = {name, file, line, last_line, identity, 0};

	return intern(m, &m->functions, &entry);
}

uint32_t model_part(struct model *m, uint32_t name, uint32_t file, uint32_t part_of)
{
	struct model_function entry = {.name = name, .file = file, .part_of = part_of};

	return intern(m, &m->functions, &entry);
}

uint32_t model_frame(struct model *m, uint32_t function, enum frame_kind kind, uint32_t line,
		     uint32_t flags)
{
	struct model_frame entry = {function, kind, line, flags};

	return intern(m, &m->frames, &entry);
}

bool model_frame_line(const struct model *m, uint32_t frame, struct model_code_line *out)
{
	const struct model_function *functions = (const void *)m->functions.entries;
	const struct model_frame *frames = (const void *)m->frames.entries;

	if (!frame || frame > m->frames.count)
		return false;
	frames += frame - 1;
	*out = (struct model_code_line){(enum frame_kind)frames->kind, 0, 0, frames->line,
					frames->flags};
	if (!frames->function || frames->function > m->functions.count)
		return true;
	functions += frames->function - 1;
	out->name = functions->name;
	out->file = functions->file;
	return true;
}

uint32_t model_stack(struct model *m, uint32_t parent, uint32_t frame)
{
	struct model_stack entry = {parent, frame};

	return intern(m, &m->stacks, &entry);
}

uint32_t model_label_set(struct model *m, const struct model_labels *l)
{
	struct model_label_entry entry = {l->vm_state, l->quality, l->trace, l->phase};

	return intern(m, &m->labels, &entry);
}

uint32_t model_request(struct model *m, uint32_t method, uint32_t host, uint32_t uri)
{
	struct model_request_entry entry = {method, host, uri};

	return intern(m, &m->requests, &entry);
}

uint32_t model_series(struct model *m, const struct series *series)
{
	for (size_t i = 0; i < m->series_count; i++)
		if (m->series[i] == series)
			return (uint32_t)i + 1;
	if (m->series_count == SERIES_MAX)
		return 0;
	m->series[m->series_count++] = series;
	return (uint32_t)m->series_count;
}

static bool lose(struct model *m, uint32_t series, uint64_t count)
{
	if (series)
		m->lost[series - 1] += count;
	return false;
}

bool model_add(struct model *m, const struct series *series, const struct model_place *place,
	       uint32_t count, uint64_t value)
{
	struct row_key key = {model_series(m, series), *place};
	struct model_row *row;
	bool added;
	uint32_t id = key.series ? dictionary_intern(&m->rows, &key, &added) : 0;

	if (!id)
		return lose(m, key.series, count);
	row = &m->row_values[id - 1];
	if (added)
		*row = (struct model_row){key.series, *place, 0, 0};
	row->count += count;
	row->value += value;
	return true;
}

bool model_add_table(struct model *m, const struct series *series, pid_t pid, const uint32_t *keys,
		     uint64_t count, uint64_t sum)
{
	struct table_key key = {model_series(m, series), (uint32_t)pid, {0}};

	memcpy(key.keys, keys, series->key_count * sizeof(*keys));
	return (key.series && tables_add(&m->tables, series, &key, count, sum)) ||
	       lose(m, key.series, count);
}

bool model_add_point(struct model *m, const struct series *series, const struct model_point *point)
{
	uint32_t id = model_series(m, series);

	if (!m->points)
		m->points = calloc(MAX_POINTS, sizeof(*m->points));
	if (!id || !m->points || m->point_count == MAX_POINTS)
		return lose(m, id, 1);
	m->points[m->point_count] = *point;
	m->points[m->point_count++].series = id;
	return true;
}

/* How many of `waiting` entries of `size` bytes fit into what is left. */
static size_t fit(size_t waiting, size_t size, size_t *left, bool *more)
{
	size_t count = waiting;

	/* Entries that refer to one that did not fit have to wait with it. */
	if (*more)
		return 0;
	if (count > *left / size) {
		count = *left / size;
		*more = true;
	}
	*left -= count * size;
	return count;
}

/* NULL where a dictionary has nothing yet: C has no address behind NULL. */
#define UNSENT(m, dictionary, type)                                                                \
	((m)->dictionary.entries ? (type *)(m)->dictionary.entries + (m)->dictionary##_sent : NULL)

/* True, and that much less is left, if all of a part fits. */
static bool fits(size_t bytes, size_t *left, bool *more)
{
	if (bytes > *left) {
		*more = true;
		return false;
	}
	*left -= bytes;
	return true;
}

static bool drain_tables(struct model *m, struct model_batch *out)
{
	size_t buckets = tables_bucket_count(&m->tables);
	struct table_value *sorted = m->buckets;

	if (buckets) {
		sorted = realloc(m->buckets, buckets * sizeof(*sorted));
		if (!sorted)
			return false;
		m->buckets = sorted;
		tables_sort(&m->tables, sorted);
	}
	out->tables = m->tables.rows;
	out->table_count = m->tables.keys.count;
	out->buckets = sorted;
	out->bucket_count = buckets;
	return true;
}

/*
 * All rows of a shape in one batch, which then tells its length once. Each shape alone fits into a
 * batch, so that nothing waits forever.
 */
static void drain_rows(struct model *m, size_t left, struct model_batch *out)
{
	size_t tables = m->tables.keys.count * TABLE_ROW_BYTES +
			tables_bucket_count(&m->tables) * BUCKET_BYTES;

	out->series = m->series;
	out->series_count = m->series_count;
	if (out->more ||
	    !fits((m->series_count - m->series_sent) * SERIES_BYTES, &left, &out->more))
		return;
	out->new_series = m->series_count - m->series_sent;
	if (fits(m->rows.count * ROW_BYTES, &left, &out->more)) {
		out->rows = m->row_values;
		out->row_count = m->rows.count;
	}
	if (fits(tables, &left, &out->more) && !drain_tables(m, out))
		out->more = true;
	if (fits(m->point_count * POINT_BYTES, &left, &out->more)) {
		out->points = m->points;
		out->point_count = m->point_count;
	}
}

void model_drain(struct model *m, size_t max_bytes, struct model_batch *out)
{
	size_t left = max_bytes;

	memset(out, 0, sizeof(*out));
	out->strings = m->texts + m->texts_sent;
	while (m->texts_sent + out->string_count < m->text_count) {
		size_t size = out->strings[out->string_count].length + STRING_BYTES;

		/* One is always sent, so that a small max_bytes cannot hold everything up. */
		if (size > left && out->string_count) {
			out->more = true;
			break;
		}
		left -= size > left ? left : size;
		out->string_count++;
	}
	out->functions = UNSENT(m, functions, struct model_function);
	out->function_count =
		fit(m->functions.count - m->functions_sent, FUNCTION_BYTES, &left, &out->more);
	out->frames = UNSENT(m, frames, struct model_frame);
	out->frame_count = fit(m->frames.count - m->frames_sent, FRAME_BYTES, &left, &out->more);
	out->stacks = UNSENT(m, stacks, struct model_stack);
	out->stack_count = fit(m->stacks.count - m->stacks_sent, STACK_BYTES, &left, &out->more);
	out->labels = UNSENT(m, labels, struct model_label_entry);
	out->label_count = fit(m->labels.count - m->labels_sent, LABEL_BYTES, &left, &out->more);
	out->requests = UNSENT(m, requests, struct model_request_entry);
	out->request_count =
		fit(m->requests.count - m->requests_sent, REQUEST_BYTES, &left, &out->more);
	drain_rows(m, left, out);
}

void model_drained(struct model *m, const struct model_batch *batch)
{
	for (size_t i = 0; i < batch->string_count; i++) {
		struct model_text *text = &m->texts[m->texts_sent + i];

		m->text_bytes -= text->length + sizeof(*text);
		free((char *)text->bytes);
		text->bytes = NULL;
	}
	m->texts_sent += batch->string_count;
	if (m->texts_sent == m->text_count) {
		m->texts_sent = 0;
		m->text_count = 0;
	}
	m->functions_sent += batch->function_count;
	m->frames_sent += batch->frame_count;
	m->stacks_sent += batch->stack_count;
	m->labels_sent += batch->label_count;
	m->requests_sent += batch->request_count;
	m->series_sent += batch->new_series;
	if (batch->row_count)
		dictionary_clear(&m->rows);
	if (batch->table_count)
		tables_clear(&m->tables);
	if (batch->point_count)
		m->point_count = 0;
}

uint64_t model_discard(struct model *m, const struct series *series)
{
	uint32_t wanted = model_series(m, series);
	uint64_t samples = 0;

	for (size_t i = 0; i < m->rows.count; i++) {
		const struct model_row *row = &m->row_values[i];

		m->lost[row->series - 1] += row->count;
		samples += row->series == wanted ? row->count : 0;
	}
	dictionary_clear(&m->rows);
	tables_clear(&m->tables);
	m->point_count = 0;
	return samples;
}

size_t model_waiting(const struct model *m)
{
	return m->text_bytes + (m->functions.count - m->functions_sent) * FUNCTION_BYTES +
	       (m->frames.count - m->frames_sent) * FRAME_BYTES +
	       (m->stacks.count - m->stacks_sent) * STACK_BYTES +
	       (m->labels.count - m->labels_sent) * LABEL_BYTES +
	       (m->requests.count - m->requests_sent) * REQUEST_BYTES;
}

uint64_t model_lost(const struct model *m, const struct series *series)
{
	for (size_t i = 0; i < m->series_count; i++)
		if (m->series[i] == series)
			return m->lost[i];
	return 0;
}

bool model_full(const struct model *m)
{
	return m->full;
}
