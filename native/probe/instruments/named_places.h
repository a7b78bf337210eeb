/* SPDX-License-Identifier: MIT */
/*
 * Samples that are alike are named once: threads block, and are met, in the same places again and
 * again. Names are forgotten after half a second, since what they stand for may change.
 */
#ifndef ACUPOINT_NAMED_PLACES_H
#define ACUPOINT_NAMED_PLACES_H

#include "instruments/instrument.h"
#include "naming/place.h"

enum { NAMED_MAX = 1024 };

struct named_places {
	struct id_map named; /* hash of a sample -> index, plus 1, in `places` */
	struct model_place places[NAMED_MAX];
	uint32_t count;
	uint64_t since_ns;
	bool requests; /* some belong to a request */
};

void named_places_init(struct named_places *n);
void named_places_free(struct named_places *n);
/* Before new samples are named: a request that has ended leaves its memory to another one. */
void named_places_drain(struct named_places *n);
/* Where a sample of the process belongs. Notes tables that its walk lacked. */
struct model_place named_place_of(struct named_places *n, const struct traced *traced,
				  struct process *p, const struct taken_sample *sample);

#endif
