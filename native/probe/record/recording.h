/* SPDX-License-Identifier: MIT */
/* A trace kept whole in memory, for the recorder to write at its end. */
#ifndef ACUPOINT_RECORDING_H
#define ACUPOINT_RECORDING_H

#include "model/dictionary.h"
#include "model/drain.h"
#include "wire/messages.h"

#include <stdio.h>

struct recording_row {
	uint32_t stack, pid, labels, request;
};

/* Dictionaries as on the wire: id i is element i - 1. */
struct recording {
	struct model_text *strings;
	struct model_function *functions;
	struct model_frame *frames;
	struct model_stack *stacks;
	struct model_label_entry *labels;
	struct model_request_entry *requests;
	size_t string_count, function_count, frame_count, stack_count, label_count, request_count;
	struct dictionary rows; /* of struct recording_row */
	struct recording_count {
		uint64_t samples, ns;	/* ns: of CPU time that the samples stand for */
		uint64_t stacks, bytes; /* of allocations, and what they stand for */
	} * counts;			/* of the rows */
	size_t count_capacity;
	bool allocations;   /* they were watched: folded stacks are in bytes */
	uint64_t period_ns; /* what a sample taken now stands for */
	/* How it went. */
	struct wire_health health;
	uint32_t *pids; /* those sampled from the start */
	size_t pid_count;
	uint64_t start_unix_us;
	double seconds;
	uint32_t rate_hz; /* at the beginning */
};

void recording_init(struct recording *r);
void recording_free(struct recording *r);
/* Takes all that the model has, at period_ns a sample. False when out of memory. */
bool recording_take(struct recording *r, struct model *model);

enum { RECORDING_MAX_DEPTH = 4096 };
/* Frame ids of a stack, root first. Their number. */
size_t recording_stack(const struct recording *r, uint32_t stack, uint32_t *out);
/* Empty for id 0 and for what is not there. */
struct model_text recording_string(const struct recording *r, uint32_t id);
const struct model_function *recording_function(const struct recording *r, uint32_t id);

/* How an instrument went; NULL: it was never on. */
const struct wire_instrument *recording_instrument(const struct recording *r, const char *id);

/* False when out of memory. Errors of the stream are for the caller to look for. */
bool recording_write_folded(const struct recording *r, FILE *out);
bool recording_write_json(const struct recording *r, FILE *out);

#endif
