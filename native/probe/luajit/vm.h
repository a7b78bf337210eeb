/* SPDX-License-Identifier: MIT */
/* One Lua VM of a process: where it is, how its build lays things out, what its code is. */
#ifndef ACUPOINT_VM_H
#define ACUPOINT_VM_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/memory.h"
#include "luajit/catalogue.h"
#include "luajit/code_range.h"
#include "luajit/jit.h"
#include "luajit/layout.h"
#include "native/symbols.h"
#include "walk/sample.h"

struct lua_vm {
	struct memory memory;
	uint64_t global, main_thread;
	struct layout layout;
	struct code_range code;
	struct jit *jit;
	struct catalogue *catalogue;
	uint64_t catalogue_read_ms; /* when; 0: never */
	uint32_t catalogue_reads;
	uint64_t modules_due_ms; /* when they are looked at next; 0: not decided yet */
	uint64_t modules_print;
};

/*
 * Makes a VM of a hit of the scan. NULL where it is none that can be walked (`why` says what is
 * missing) or memory is out.
 */
struct lua_vm *vm_open(const struct memory *m, const struct mappings *maps, uint64_t main_thread,
		       uint32_t state_size, bool gc32, const char **why);
/* A further VM of the same build in the same process. */
struct lua_vm *vm_sibling(const struct lua_vm *vm, uint64_t global);
void vm_free(struct lua_vm *vm);

/* Does its main thread still point at it, and it at its main thread? */
bool vm_alive(const struct lua_vm *vm);
void vm_describe(const struct lua_vm *vm, struct sampled_vm *out);

#endif
