/* SPDX-License-Identifier: MIT */
/* Where an object leads to; each of its parts as walk.h writes it. */
#ifndef ACUPOINT_REFERENCES_H
#define ACUPOINT_REFERENCES_H

#include "heap/objects.h"
#include "heap/stream.h"
#include "luajit/object.h"

struct walk {
	struct objects *objects;
	const struct heap_vm *vm;
	struct stream *out;
	uint64_t traces; /* the JIT's array, and its length */
	uint32_t trace_count;
	uint64_t *queue; /* the address of each number, less 1; 0: a VM */
	size_t given, done;
	/* Numbers of strings that were written before they named anything. */
	uint32_t *late;
	size_t late_count, late_capacity;
};

/* Writes 0 where there is no object. */
void put_reference(struct walk *w, uint64_t address);
/* All but the size. */
void put_references(struct walk *w, uint64_t address, int type);

#endif
