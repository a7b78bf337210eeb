/* SPDX-License-Identifier: MIT */
/* What is known of one VM's JIT compiler, from one look at it to the next. */
#ifndef ACUPOINT_JIT_VM_WATCH_H
#define ACUPOINT_JIT_VM_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "instruments/jit/given_up.h"
#include "instruments/jit/rows.h"
#include "luajit/compiler.h"

/* A place where traces were aborted, as far as rows tell of it. */
struct known_penalty {
	uint64_t pc;
	uint32_t aborts; /* that are in rows */
	bool placed, given_up;
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
	uint64_t aborts, lost; /* seen; and of them, in no row */
	uint32_t flushes;
	uint32_t failed;     /* looks, since one succeeded */
	const char *missing; /* "": nothing is */
	uint64_t point_due_ns;
};

void vm_watch_init(struct vm_watch *w, const struct lua_vm *vm);
void vm_watch_free(struct vm_watch *w);

/*
 * Looks at the compiler and adds rows of what is new. Aborts that happened before the first look
 * and that LuaJIT still remembers are new then. `fleeting`: VMs come and go in this process, and
 * one that began anew is not told from one that has flushed its traces.
 */
void vm_watch_look(struct vm_watch *w, struct model *m, const struct lua_vm *vm, bool fleeting);

#endif
