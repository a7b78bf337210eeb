/* SPDX-License-Identifier: MIT */
#include "naming/frames.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

uint32_t frame_mark(struct model *m, const char *text, enum frame_kind kind)
{
	uint32_t name = model_string(m, text, strlen(text));

	return model_frame(m, model_function(m, name, 0, 0, 0), kind, 0, 0);
}

uint32_t frame_symbol(struct model *m, const struct symbol *symbol, enum frame_kind kind)
{
	uint32_t name = model_string(m, symbol->name, symbol->name_length), file = 0, part_of = 0;
	size_t whole = symbol_whole(symbol->name, symbol->name_length);

	if (symbol->file && *symbol->file)
		file = model_string(m, symbol->file, strlen(symbol->file));
	if (whole < symbol->name_length)
		part_of = model_string(m, symbol->name, whole);
	return model_frame(m, model_part(m, name, file, part_of), kind, 0,
			   symbol->approximate ? FRAME_FLAG_APPROXIMATE : 0);
}

/* Farther off the nearest symbol says nothing but what the linker put there. */
#define NEAR (16 * 1024)

uint32_t function_unnamed(struct model *m, const struct symbol *symbol)
{
	const char *slash = strrchr(symbol->file, '/');
	const char *file = slash ? slash + 1 : symbol->file;
	uint64_t begins = symbol->begins, distance = symbol->distance;
	char text[NAME_MAX + 48];
	int length;

	if (symbol->name_length && distance <= NEAR && !begins)
		length = snprintf(text, sizeof(text), "near %.*s", NAME_MAX, symbol->name);
	else if (symbol->name_length && distance <= NEAR)
		length = snprintf(text, sizeof(text), "near %.*s+0x%llx", NAME_MAX, symbol->name,
				  (unsigned long long)distance);
	else if (begins)
		length = snprintf(text, sizeof(text), "%.*s+0x%llx", NAME_MAX, file,
				  (unsigned long long)begins);
	else
		/* A mapping of no file, as the vdso, has its brackets already. */
		length = snprintf(text, sizeof(text), *symbol->file == '[' ? "%.*s" : "[%.*s]",
				  NAME_MAX, file);
	return model_code(m, model_string(m, text, (size_t)length),
			  model_string(m, symbol->file, strlen(symbol->file)), 0, 0,
			  (uint32_t)begins);
}
