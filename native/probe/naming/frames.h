/* SPDX-License-Identifier: MIT */
/* The frames of one stack, and those that no function stands behind. */
#ifndef ACUPOINT_FRAMES_H
#define ACUPOINT_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "native/symbols.h"

/* All that a sample holds, and what compiled code may have inlined into one of its frames. */
#define NAMED_FRAMES 512

struct frame_list {
	uint32_t ids[NAMED_FRAMES]; /* of the model, from the root to the leaf */
	size_t count;
	size_t left_out; /* more than there is room for */
};

static inline void frame_list_push(struct frame_list *l, uint32_t frame)
{
	if (l->count < NAMED_FRAMES)
		l->ids[l->count++] = frame;
	else
		l->left_out++;
}

/* A frame with a fixed text such as "[truncated]". */
uint32_t frame_mark(struct model *m, const char *text, enum frame_kind kind);
/* A frame with the name and the file of a symbol. */
uint32_t frame_symbol(struct model *m, const struct symbol *symbol, enum frame_kind kind);
/*
 * A function of the model for code of a file that has no name there, told from others by where it
 * begins. It is called after the symbol before it, which is a hint of where it is and no more: in a
 * stripped libc the string functions all stand behind the same one.
 */
uint32_t function_unnamed(struct model *m, const struct symbol *symbol);

#endif
