/* SPDX-License-Identifier: MIT */
#include "record/recording.h"

#include <stdlib.h>
#include <string.h>

/* The start of a source text that serves as a chunk name. */
enum { MAX_FILE = 512 };

struct line {
	char *text;
	uint64_t weight; /* nanoseconds, or bytes where allocations were watched */
};

/* Where the rate was lowered a sample stands for more: as many as there would have been. */
static uint64_t samples_of(const struct recording *r, uint64_t ns)
{
	uint64_t period_ns = 1000000000 / r->rate_hz;

	if (r->allocations)
		return ns;
	return ns < period_ns ? 1 : (ns + period_ns / 2) / period_ns;
}

static void write_escaped(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == ';' || c < 0x20 || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
}

static bool is_lua(uint32_t kind)
{
	return kind == FRAME_LUA || kind == FRAME_LUA_JIT;
}

static void write_frame(const struct recording *r, uint32_t id, FILE *out)
{
	static const struct model_frame unknown;
	const struct model_frame *frame =
		id && id <= r->frame_count ? &r->frames[id - 1] : &unknown;
	const struct model_function *function = recording_function(r, frame->function);
	struct model_text name = recording_string(r, function->name);
	struct model_text file = recording_string(r, function->file);

	if (name.length)
		write_escaped(out, name.bytes, name.length);
	else
		fputs("[unknown]", out);
	if (is_lua(frame->kind) && file.length) {
		/* Lua marks its chunk names: @ for a file, = for a name. */
		if (file.bytes[0] == '@' || file.bytes[0] == '=') {
			file.bytes++;
			file.length--;
		}
		fputs(" (", out);
		write_escaped(out, file.bytes, file.length > MAX_FILE ? MAX_FILE : file.length);
		fprintf(out, "%s:%u)", file.length > MAX_FILE ? "..." : "", function->line);
	}
	if (frame->kind == FRAME_KERNEL)
		fputs("_[k]", out);
}

static char *line_of(const struct recording *r, uint32_t stack)
{
	uint32_t frames[RECORDING_MAX_DEPTH];
	size_t depth = recording_stack(r, stack, frames), size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < depth; i++) {
		if (i)
			fputc(';', out);
		write_frame(r, frames[i], out);
	}
	if (!depth)
		fputs("[unknown]", out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

bool recording_write_folded(const struct recording *r, FILE *out)
{
	const struct recording_row *rows = (const struct recording_row *)r->rows.entries;
	struct line *lines = calloc(r->rows.count + 1, sizeof(*lines));
	bool complete = lines != NULL;
	size_t count = 0;

	for (size_t i = 0; complete && i < r->rows.count; i++) {
		const struct recording_count *c = &r->counts[i];

		lines[count].weight = r->allocations ? c->bytes : c->ns;
		/* A row may be of the other kind alone. */
		if (!lines[count].weight)
			continue;
		lines[count].text = line_of(r, rows[i].stack);
		complete = lines[count].text != NULL;
		if (complete)
			count++;
	}
	if (complete && count)
		qsort(lines, count, sizeof(*lines), by_text);
	/* Stacks that differ only in a line being executed are one here. */
	for (size_t i = 0; complete && i < count; i++) {
		if (i + 1 < count && !strcmp(lines[i].text, lines[i + 1].text))
			lines[i + 1].weight += lines[i].weight;
		else
			fprintf(out, "%s %llu\n", lines[i].text,
				(unsigned long long)samples_of(r, lines[i].weight));
	}
	for (size_t i = 0; i < count; i++)
		free(lines[i].text);
	free(lines);
	return complete;
}
