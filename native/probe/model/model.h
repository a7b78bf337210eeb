/* SPDX-License-Identifier: MIT */
/*
 * The dictionaries and the rows of a trace, as the wire sends them: strings, functions, frames and
 * stacks are interned once and get consecutive ids from 1; 0 means none. Memory grows only with
 * what is new; the text of a string is not kept after it was sent, only its hash and length where
 * that is enough to know it again (two independent 64-bit hashes).
 */
#ifndef ACUPOINT_MODEL_H
#define ACUPOINT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/series.h"

/* The numbers of these enums are those of acupoint.proto. */
enum frame_kind {
	FRAME_UNKNOWN = 0,
	FRAME_KERNEL = 1,
	FRAME_NATIVE = 2,
	FRAME_LUA = 3,
	FRAME_LUA_JIT = 4,
	FRAME_LUA_BUILTIN = 5,
	FRAME_LUA_C = 6,
	FRAME_GC = 7,
	FRAME_JIT_COMPILER = 8,
	FRAME_VM_EXIT = 9,
	FRAME_TRUNCATED = 10,  /* more frames than are kept */
	FRAME_INCOMPLETE = 12, /* the walk ended before the root */
	FRAME_WAIT = 13,       /* what is waited for, innermost */
};

enum frame_flag {
	FRAME_FLAG_APPROXIMATE = 1,
	FRAME_FLAG_INLINED = 2,
	FRAME_FLAG_COLLECTED = 4,
	FRAME_FLAG_SPAWNED = 8,
	FRAME_FLAG_TAIL_CALLED = 16,
};

enum vm_state {
	VM_NONE = 0,
	VM_INTERPRETER = 1,
	VM_C = 2,
	VM_GC = 3,
	VM_EXIT = 4,
	VM_RECORD = 5,
	VM_OPTIMISE = 6,
	VM_ASSEMBLE = 7,
	VM_JIT = 8,
};

enum quality {
	QUALITY_NO_LUA = 0,
	QUALITY_EXACT = 1,
	QUALITY_FUNCTION = 2,
	QUALITY_TRACE_ROOT = 3,
	QUALITY_UNKNOWN = 4,
};

struct model_labels {
	enum vm_state vm_state;
	enum quality quality;
	uint32_t trace;
	uint32_t phase; /* string id */
};

struct model;

/* NULL when out of memory. */
struct model *model_new(void);
void model_free(struct model *m);

/* All return an id, or 0 when out of memory or when a dictionary is full (2^24 entries). */
uint32_t model_string(struct model *m, const char *text, size_t length);
uint32_t model_function(struct model *m, uint32_t name, uint32_t file, uint32_t line,
			uint32_t last_line);
/* A part that the compiler made of a function without a line. */
uint32_t model_part(struct model *m, uint32_t name, uint32_t file, uint32_t part_of);
/* The same of one that `identity` tells from others of that name and place; 0: nothing does. */
uint32_t model_code(struct model *m, uint32_t name, uint32_t file, uint32_t line,
		    uint32_t last_line, uint32_t identity);
uint32_t model_frame(struct model *m, uint32_t function, enum frame_kind kind, uint32_t line,
		     uint32_t flags);
/* The stack `parent` (0: the root) with one frame more towards the leaf. */
uint32_t model_stack(struct model *m, uint32_t parent, uint32_t frame);
uint32_t model_label_set(struct model *m, const struct model_labels *labels);
/* String ids. At most 2^16 requests. */
uint32_t model_request(struct model *m, uint32_t method, uint32_t host, uint32_t uri);

/* A frame as it was interned: ids of strings, its kind and its line. */
struct model_code_line {
	enum frame_kind kind;
	uint32_t name, file, line, flags;
};
/* False where there is no such frame. */
bool model_frame_line(const struct model *m, uint32_t frame, struct model_code_line *out);

/* The id of a series, which is declared when it is first asked for. */
uint32_t model_series(struct model *m, const struct series *series);

/* The place that a row belongs to: ids of the model, but for the pid. `request` may be 0. */
struct model_place {
	uint32_t stack, pid, labels, request;
};

/*
 * Adds to a row of stacks in the current interval: how many were taken, and the value that they
 * stand for, which is 0 where the series is counted. False: there is no room; the model counts it
 * as lost.
 */
bool model_add(struct model *m, const struct series *series, const struct model_place *place,
	       uint32_t count, uint64_t value);

/*
 * Adds `count` observations that make `sum` together to a row of a table. `keys` has as many ids or
 * numbers as the series has keys. False as above.
 */
bool model_add_table(struct model *m, const struct series *series, pid_t pid, const uint32_t *keys,
		     uint64_t count, uint64_t sum);

/* Numbers at a time, as many as the series has keys. `text` and `stack` are ids, or 0. */
struct model_point {
	uint64_t time_us; /* as of a batch */
	uint32_t series, pid, text, stack;
	double numbers[SERIES_KEYS_MAX];
};

/* Fills in the series. False as above. */
bool model_add_point(struct model *m, const struct series *series, const struct model_point *point);

#endif
