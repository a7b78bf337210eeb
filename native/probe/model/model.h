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
	FRAME_TRUNCATED = 10,
	FRAME_IDLE = 11,
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
uint32_t model_frame(struct model *m, uint32_t function, enum frame_kind kind, uint32_t line,
		     uint32_t flags);
/* The stack `parent` (0: the root) with one frame more towards the leaf. */
uint32_t model_stack(struct model *m, uint32_t parent, uint32_t frame);
uint32_t model_label_set(struct model *m, const struct model_labels *labels);
/* String ids. At most 2^16 requests. */
uint32_t model_request(struct model *m, uint32_t method, uint32_t host, uint32_t uri);

/* Adds one sample to the current interval; equal rows are merged. `request` may be 0. */
bool model_add(struct model *m, uint32_t stack, uint32_t pid, uint32_t labels, uint32_t request);

/* Whose a row is. */
struct model_place {
	uint32_t stack, pid, labels, request;
};

/* The same for allocations: stacks that were taken, and the bytes that they stand for. */
bool model_add_bytes(struct model *m, const struct model_place *place, uint32_t count,
		     uint64_t bytes);

#endif
