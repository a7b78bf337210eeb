/* SPDX-License-Identifier: MIT */
/*
 * Where the samples went that were named since all was forgotten. Code that allocates in a loop
 * gives the same sample many times over, and to name one takes several times as long as to walk.
 */
#ifndef ACUPOINT_KNOWN_PLACES_H
#define ACUPOINT_KNOWN_PLACES_H

#include "model/model.h"
#include "walk/taken_sample.h"

enum { KNOWN_PLACES = 256 };

struct known_places {
	struct known_place {
		uint64_t print; /* of all that the sample says but its value; 0: none */
		struct model_place place;
	} entries[KNOWN_PLACES];
};

/* Where the place of such a sample is, or is to be put: then its stack is 0. */
struct model_place *known_place(struct known_places *k, const struct taken_sample *sample);
/* Whenever what addresses stand for may have changed. */
void known_places_forget(struct known_places *k);

#endif
