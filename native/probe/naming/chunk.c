/* SPDX-License-Identifier: MIT */
#include "naming/chunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/tempt.h"
#include "luajit/object.h"

#define TEXT_MAX (64 * 1024)
#define SHORT_MAX 512

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

size_t chunk_place_name(const struct chunk *c, uint32_t line, const char *called, char *out,
			size_t capacity)
{
	const char *name = "[string]";
	int length = 8, written;
	const char *slash;

	if (c->length > 1 && (*c->text == '@' || *c->text == '=')) {
		name = c->text + 1;
		length = (int)c->length - 1;
		slash = *c->text == '@' ? memrchr(name, '/', length) : NULL;
		if (slash && slash + 1 < name + length) {
			length -= (int)(slash + 1 - name);
			name = slash + 1;
		}
	}
	if (length > SHORT_MAX / 4)
		length = SHORT_MAX / 4;
	written = snprintf(out, capacity, "%s <%.*s:%u>", called, length, name, line);
	return written < 0 ? 0 : (size_t)written < capacity ? (size_t)written : capacity - 1;
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
