/* SPDX-License-Identifier: MIT */
/* What the stack of an event says: its row, its lines, and who catches what is thrown there. */
#ifndef ACUPOINT_ERROR_STACKS_H
#define ACUPOINT_ERROR_STACKS_H

#include "instruments/instrument.h"
#include "model/model.h"
#include "naming/id_map.h"
#include "walk/taken_sample.h"

/* The innermost Lua frame, and those of the next other files on the way to the root. */
enum { ERROR_LINES = 3 };

struct error_stack {
	struct model_place place;	 /* stack 0: there is none */
	uint32_t lines[2 * ERROR_LINES]; /* file, line; 0, 0: there is no such frame */
	uint32_t phase;			 /* string of the model, or 0 */
	bool has_request;
	bool protected; /* by pcall, xpcall or coroutine.resume */
};

/* Stacks that were named lately: the same things go wrong in the same places. */
struct error_stacks {
	const struct traced *traced;
	struct id_map known; /* hash of a sample -> index, plus 1, in `stacks` */
	struct error_stack *stacks;
	uint32_t count;
	uint64_t named_ns; /* since when */
	bool of_requests;
};

/* False when memory is out. */
bool error_stacks_init(struct error_stacks *s, const struct traced *traced);
void error_stacks_free(struct error_stacks *s);
/* A request that has ended leaves its memory to another one. */
void error_stacks_begin(struct error_stacks *s);
struct error_stack error_stack_of(struct error_stacks *s, struct process *p,
				  const struct taken_sample *sample);

#endif
