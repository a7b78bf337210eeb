/* SPDX-License-Identifier: MIT */
/*
 * Which function of the model a Lua function is. Workers that run the same code share it, and so do
 * those before and after a reload, as far as the code is the same: a function is its chunk, its
 * lines, a digest of its code and the name that is its own. The place alone would do for most, but
 * not where a file was deployed again, nor for blocks whose chunks have one name.
 */
#ifndef ACUPOINT_IDENTITIES_H
#define ACUPOINT_IDENTITIES_H

#include "model/model.h"
#include "naming/id_map.h"
#include "naming/lua_name.h"

struct identities {
	struct model *model;
	struct id_map by_place; /* chunk, lines, size of the bytecode -> function and flags */
	struct id_map by_code;	/* the same with the digest, and with that and a name */
	struct id_map lines;	/* function of the model and position -> line */
};

/* Each of the maps holds up to `most`. */
struct identities identities_of(struct model *model, uint32_t most);
void identities_free(struct identities *ids);

/*
 * The function of the model; 0 where memory is out. `file`: the chunk's name in the model.
 * `provisional`: it may be another when it is asked again.
 */
uint32_t identities_function(struct identities *ids, const struct unnamed *u, uint32_t file,
			     bool *provisional);

#endif
