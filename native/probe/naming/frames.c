/* SPDX-License-Identifier: MIT */
#include "naming/frames.h"

#include <string.h>

uint32_t frame_mark(struct model *m, const char *text, enum frame_kind kind)
{
	uint32_t name = model_string(m, text, strlen(text));

	return model_frame(m, model_function(m, name, 0, 0, 0), kind, 0, 0);
}

uint32_t frame_symbol(struct model *m, const struct symbol *symbol, enum frame_kind kind)
{
	uint32_t name = model_string(m, symbol->name, symbol->name_length), file = 0;

	if (symbol->file && *symbol->file)
		file = model_string(m, symbol->file, strlen(symbol->file));
	return model_frame(m, model_function(m, name, file, 0, 0), kind, 0,
			   symbol->approximate ? FRAME_FLAG_APPROXIMATE : 0);
}
