/* SPDX-License-Identifier: MIT */
/*
 * Messages as strings of the model, few enough to be rows of a table. They come from the target:
 * any bytes, and any number of them.
 */
#ifndef ACUPOINT_ERROR_TEXTS_H
#define ACUPOINT_ERROR_TEXTS_H

#include "model/model.h"
#include "naming/id_map.h"

struct error_texts {
	struct model *model;
	struct id_map known; /* hash of a text -> string of the model */
};

void error_texts_init(struct error_texts *t, struct model *m);
void error_texts_free(struct error_texts *t);

/*
 * The first line of a text. Addresses and numbers of five digits or more stand as "#", since they
 * would make each message another one; of the texts that come after many are known, no more is said
 * than that they are others. `cut`: there is more of it than this.
 */
uint32_t error_text(struct error_texts *t, const char *text, size_t length, bool cut);
/* A type of LuaJIT's, by enum error_type: "(table)". */
uint32_t error_type_text(struct error_texts *t, uint32_t type);
/* A level of nginx's log. */
uint32_t error_level_text(struct error_texts *t, uint32_t level);

#endif
