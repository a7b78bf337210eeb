/* SPDX-License-Identifier: MIT */
/* From a raw sample to a value: the frames of its stack, its labels, its request, how good it is.
 */
#ifndef ACUPOINT_NAMING_H
#define ACUPOINT_NAMING_H

#include "model/model.h"
#include "naming/frames.h"
#include "naming/functions.h"
#include "naming/id_map.h"
#include "naming/process.h"
#include "naming/request_names.h"
#include "native/symbols.h"
#include "walk/taken_sample.h"

struct named_sample {
	struct frame_list frames;
	pid_t pid;
	struct model_labels labels;
	uint32_t request;   /* of the model; 0: none, or which one cannot be told */
	bool other_request; /* some of it is "(other)" */
	bool truncated;	    /* there are more Lua frames than the walk keeps */
	bool has_native;
	uint16_t native_state; /* enum unwind_state: why the native frames end */
};

/* Gives frames their names. Frames are the model's, so that each is named once. */
struct naming {
	struct model *model;
	struct kernel_symbols *kernel;
	struct id_map kernel_frames; /* address -> frame of the model */
	struct request_names requests;
	bool request_labels;
	uint64_t now_ms;
	const struct notices *notices;
};

void naming_init(struct naming *n, struct model *model, bool request_labels,
		 const struct notices *notices);
void naming_free(struct naming *n);

/* Names from now on are those of now: all that samples named until then may have changed. */
void naming_begin(struct naming *n, struct process *const *processes, size_t count);
/* Never fails: what has no name gets a frame that says so. */
void name_sample(struct naming *n, struct process *p, const struct taken_sample *sample,
		 struct named_sample *out);
/*
 * Looks for the layout of nginx's request where samples since the last call met one. Waits for a
 * few milliseconds at most, so it must not be called while samples are taken out of a buffer.
 */
void naming_learn_requests(struct naming *n, struct process *p);

#endif
