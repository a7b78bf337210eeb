/* SPDX-License-Identifier: MIT */
/* The compiled traces of a VM: which one an address of machine code is in, and what it had inlined
 * there. */
#ifndef ACUPOINT_JIT_H
#define ACUPOINT_JIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/memory.h"
#include "luajit/layout.h"
#include "luajit/object.h"
#include "luajit/proto.h"
#include "native/symbols.h"

/* A function that a trace was executing: Lua if it has a prototype, else C. */
struct inlined_frame {
	uint64_t proto;
	uint64_t pc;	   /* the bytecode being executed; 0: not known */
	uint64_t function; /* GCfunc; 0: not known */
	struct c_identity c;
	uint32_t print; /* of the prototype */
};

/*
 * From the leaf outwards. The last one is the frame at jit_base: its function is the one on the
 * stack, unless the trace has replaced it by a tail call; else only its `pc` is sure.
 */
struct inlined {
	uint32_t count;
	bool tail_called;
	/* Functions run inside the first one of which the trace does not tell which they are. */
	bool lost;
	/* Between it and the next snapshot runs nothing but what that one's frames have entered. */
	bool looked_on, enters_next;
	struct inlined_frame frames[];
};

struct jit_trace {
	uint32_t number; /* 0: none */
	uint32_t size;
	uint64_t mcode;
	uint64_t start_proto, start_pc;
	uint32_t spadjust;
};

struct jit;

/* Both pointers must outlive it. NULL when out of memory. */
struct jit *jit_new(const struct memory *m, struct layout *layout, uint64_t global);
void jit_free(struct jit *j);
/* Once a poll: what is cached is looked at again before it is believed. */
void jit_begin(struct jit *j, uint64_t now_ms);

bool jit_by_number(struct jit *j, uint32_t number, struct jit_trace *out);
bool jit_by_address(struct jit *j, uint64_t address, struct jit_trace *out);
/*
 * The frames that the trace was executing at `address`, from the snapshot before it: right about
 * the functions, near about the line. NULL where the build or the trace does not tell. Valid until
 * the next call of anything here.
 */
const struct inlined *jit_inlined(struct jit *j, const struct jit_trace *t, uint64_t address);
/*
 * The same where the trace is in a call of C that it made at `address`: of the function around
 * `callee`, or 0; `base` is the function at jit_base. Several calls may share one snapshot, so that
 * the bytecode and the names of functions have to tell who made this one.
 */
const struct inlined *jit_calling(struct jit *j, const struct jit_trace *t, uint64_t address,
				  uint64_t callee, const struct proto *base,
				  struct native_symbols *symbols);

#endif
