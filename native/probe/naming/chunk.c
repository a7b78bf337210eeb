/* SPDX-License-Identifier: MIT */
#include "naming/chunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/tempt.h"
#include "luajit/object.h"

#define TEXT_MAX (64 * 1024)
#define SHORT_MAX 512

static const char dump_name[] = "=bytecode";

void chunk_read(struct chunk *c, const struct memory *m, const struct layout *layout,
		uint64_t string)
{
	char start[SHORT_MAX];
	uint32_t length;

	c->text = NULL;
	c->length = string_read(m, layout, string, start, sizeof(start), &length);
	c->text = malloc(length > SHORT_MAX ? TEXT_MAX : SHORT_MAX);
	if (!c->text) {
		c->length = 0;
		return;
	}
	if (length > SHORT_MAX)
		c->length = string_read(m, layout, string, c->text, TEXT_MAX, NULL);
	else
		memcpy(c->text, start, c->length);
	tempt(c->text, c->length);
	if (chunk_is_dump(c->text, c->length)) {
		memcpy(c->text, dump_name, sizeof(dump_name) - 1);
		c->length = sizeof(dump_name) - 1;
	}
}

bool chunk_is_dump(const char *text, size_t length)
{
	return length >= 3 && !memcmp(text, "\033LJ", 3);
}

void chunk_free(struct chunk *c)
{
	free(c->text);
	c->text = NULL;
}

size_t chunk_main_name(const struct chunk *c, char *out, size_t capacity)
{
	static const char text[] = "main chunk";
	size_t length = c->length - 1;

	if (!c->length || *c->text != '=' || !length) {
		memcpy(out, text, sizeof(text) - 1);
		return sizeof(text) - 1;
	}
	if (length > capacity)
		length = capacity;
	memcpy(out, c->text + 1, length);
	return length;
}

/* Its file without folders, its tag, or "[string]" without the brackets. */
static const char *short_name(const struct chunk *c, int *length)
{
	const char *name = "string", *slash;

	*length = 6;
	if (c->length > 1 && (*c->text == '@' || *c->text == '=')) {
		name = c->text + 1;
		*length = (int)c->length - 1;
		slash = *c->text == '@' ? memrchr(name, '/', *length) : NULL;
		if (slash && slash + 1 < name + *length) {
			*length -= (int)(slash + 1 - name);
			name = slash + 1;
		}
	}
	if (*length > SHORT_MAX / 4)
		*length = SHORT_MAX / 4;
	return name;
}

static size_t fitting(int written, size_t capacity)
{
	return written < 0 ? 0 : (size_t)written < capacity ? (size_t)written : capacity - 1;
}

size_t chunk_place_name(const struct chunk *c, uint32_t line, const char *called, char *out,
			size_t capacity)
{
	int length;
	const char *name = short_name(c, &length);

	return fitting(snprintf(out, capacity, "%s%s%.*s:%u", called, *called ? " " : "", length,
				name, line),
		       capacity);
}

size_t chunk_numbered(const struct chunk *c, const char *number, size_t number_length, char *out,
		      size_t capacity)
{
	int length;
	const char *name = short_name(c, &length);

	return fitting(
		snprintf(out, capacity, "%.*s#%.*s", length, name, (int)number_length, number),
		capacity);
}

uint32_t chunk_phase(const struct chunk *c, struct model *model)
{
	static const char suffix[] = "_by_lua";
	const char *end;

	if (c->length < 2 || *c->text != '=')
		return 0;
	end = memmem(c->text + 1, c->length - 1, suffix, sizeof(suffix) - 1);
	if (!end || end == c->text + 1 || end - c->text > 32)
		return 0;
	return model_string(model, c->text + 1, end - c->text - 1);
}
