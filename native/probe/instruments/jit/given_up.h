/* SPDX-License-Identifier: MIT */
/* Adds rows of the places that a VM will not compile any more, once for each place. */
#ifndef ACUPOINT_JIT_GIVEN_UP_H
#define ACUPOINT_JIT_GIVEN_UP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "luajit/blacklist.h"
#include "luajit/segments.h"
#include "naming/id_map.h"

struct model;

struct given_up {
	struct id_map known; /* places that have a row */
	/* The search for functions in the VM's memory; no segments: none runs. */
	struct segment_list segments;
	size_t segment;
	uint64_t at;
	uint64_t due_ns; /* of the next search */
};

void given_up_init(struct given_up *g);
void given_up_free(struct given_up *g);

void given_up_add(struct given_up *g, struct model *m, const struct lua_vm *vm,
		  const struct proto *p, uint32_t position, enum blacklisted kind);
/*
 * Searches up to 256 KiB of the memory of LuaJIT's allocator for functions with such places, or
 * that the compiler is switched off for. False: nothing is due, or the VM has another allocator.
 */
bool given_up_search(struct given_up *g, struct model *m, const struct lua_vm *vm, uint64_t now_ns);

#endif
