/* SPDX-License-Identifier: MIT */
/* The Lua stack of a coroutine that waits, and those that it was resumed from. */
#ifndef ACUPOINT_PARKED_WALK_H
#define ACUPOINT_PARKED_WALK_H

#include "instruments/waiting/parked.h"

struct parked_stack {
	struct sample head;
	struct sample_frame frames[SAMPLE_FRAMES];
};

/* Forgets what was read of processes' memory: from now on it is another moment. */
void parked_walk_begin(pid_t pid);
/* Fills in the stack, from the leaf to the root; of a deep one both ends. */
void parked_walk(const struct parked *p, const struct lua_vm *vm, struct parked_stack *out);
/*
 * The coroutine that it has resumed, and that may wait in its stead; 0: none is known. `slot` is
 * that of ngx_lua in a request's array of contexts, as in struct sampled_request.
 */
uint64_t parked_child(const struct parked *p, const struct lua_vm *vm, uint32_t slot);

#endif
