/* SPDX-License-Identifier: MIT */
/* From a raw sample to one row of the model: a stack from the root to the leaf, with its labels. */
#ifndef ACUPOINT_STACK_H
#define ACUPOINT_STACK_H

#include "model/model.h"
#include "native/symbols.h"
#include "sampler/sampler.h"
#include "trace/functions.h"
#include "trace/id_map.h"
#include "trace/process.h"
#include "trace/request_names.h"
#include "trace/trace.h"

struct stacks {
	struct model *model;
	struct kernel_symbols *kernel;
	struct id_map kernel_frames; /* address -> frame of the model */
	struct request_names requests;
	bool request_labels;
	uint64_t now_ms;
	struct trace_stats *stats;
	const struct trace_events *events;
};

/* A frame with a fixed text such as "[truncated]". */
uint32_t stack_mark(struct model *m, const char *text, enum frame_kind kind, uint32_t flags);
/* A frame with the name and the file of a symbol. */
uint32_t stack_symbol(struct model *m, const struct symbol *symbol, enum frame_kind kind);

/* Adds exactly one row, whatever the sample holds. */
void stack_add(struct stacks *s, struct process *p, const struct taken_sample *sample);
/* Only names it: the row that it would be, without any effect on the statistics. */
void stack_place(struct stacks *s, struct process *p, const struct taken_sample *sample,
		 struct model_place *out);

#endif
