/* SPDX-License-Identifier: MIT */
/* One VM's JIT compiler, from one look at it to the next. */
#ifndef ACUPOINT_JIT_VM_WATCH_H
#define ACUPOINT_JIT_VM_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "instruments/jit/given_up.h"
#include "instruments/jit/rows.h"
#include "luajit/compiler.h"

/* A place where traces were aborted, and how much of it is in rows. */
struct known_penalty {
	uint64_t pc;
	uint32_t aborts; /* in rows */
	bool given_up;
	struct lua_place place;
};

struct vm_watch {
	pid_t pid;
	uint64_t global;
	bool met;    /* in the round of looks that runs */
	bool looked; /* `last` is there */
	struct compiler last;
	struct known_penalty known[PENALTY_SLOTS];
	struct given_up given_up;
	uint64_t aborts, lost; /* seen; and those of them that are in no row */
	uint32_t flushes;
	uint32_t failed;     /* looks, since one succeeded */
	const char *missing; /* "": nothing is */
	uint64_t point_due_ns;
};

void vm_watch_init(struct vm_watch *w, const struct lua_vm *vm);
void vm_watch_free(struct vm_watch *w);

/*
 * Looks at the compiler and adds rows of what is new. At the first look this is all that LuaJIT
 * still remembers. Of what happens to one place between two looks LuaJIT keeps the number of
 * aborts and the last reason. `fleeting`: VMs come and go in this process, and a new VM at an old
 * one's address would look like a flush.
 */
void vm_watch_look(struct vm_watch *w, struct model *m, const struct lua_vm *vm, bool fleeting);

#endif
