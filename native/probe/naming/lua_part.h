/* SPDX-License-Identifier: MIT */
/* The Lua frames of a sample, in the model, and how well they are known. */
#ifndef ACUPOINT_LUA_PART_H
#define ACUPOINT_LUA_PART_H

#include "naming/naming.h"

struct lua_part {
	enum quality quality;
	enum vm_state vm_state;
	uint32_t trace;
	uint32_t phase; /* of the block of nginx.conf at the root; 0: another function is there */
	bool left_out;	/* frames that the walk passed are not kept */
	bool in_mcode;	/* the leaf is compiled code: it has no native frame of its own */
};

struct native_part;

/* Puts the native frames between its own, where they stand. */
void lua_part_add(struct naming *n, struct process *p, struct lua_vm *vm, bool vm_gone,
		  const struct taken_sample *sample, struct native_part *native,
		  struct lua_part *out);

#endif
