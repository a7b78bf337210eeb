/* SPDX-License-Identifier: MIT */
/*
 * The phase of a sample from the context of its request: which of the places where ngx_lua's
 * versions keep it is the right one shows by the values of a few samples.
 */
#ifndef ACUPOINT_PHASE_H
#define ACUPOINT_PHASE_H

#include <stdint.h>

#include "model/model.h"
#include "walk/taken_sample.h"

struct phase_votes {
	uint32_t samples;
	struct {
		uint32_t none;	       /* samples where it held no phase */
		uint32_t right, wrong; /* against the block of nginx.conf that ran */
	} place[REQUEST_PHASES];
};

/*
 * The phase as a string of the model; 0: not known. `block` is that of the block of nginx.conf that
 * runs at the root of the stack, or 0.
 */
uint32_t phase_of(struct phase_votes *votes, struct model *m, const struct sample_request *request,
		  uint32_t block);

#endif
