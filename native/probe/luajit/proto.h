/* SPDX-License-Identifier: MIT */
/* A function's prototype: what it is, and which line a bytecode belongs to. */
#ifndef ACUPOINT_PROTO_H
#define ACUPOINT_PROTO_H

#include "host/memory.h"
#include "luajit/layout.h"

#define NO_POSITION UINT32_MAX

enum proto_flag {
	PROTO_NO_JIT = 0x08,	  /* the JIT compiler is off for it */
	PROTO_BLACKLISTED = 0x10, /* or it has been, for some place in it */
};

struct proto {
	uint64_t address, code; /* of the object, and of its first instruction */
	bool gc32;		/* of a build without GC64 */
	uint8_t flags;		/* enum proto_flag */
	uint32_t bytecodes;	/* how many instructions, the function header included */
	uint32_t first_line, lines;
	uint32_t print;				 /* as a sample carries it: see sample_print() */
	uint64_t chunkname, constants, upvalues; /* `upvalues`: two bytes for each */
	uint32_t gc_constants, numbers;
	uint8_t parameters, upvalue_count;
	/* Addresses; 0 where debug information was stripped. `end` is that of the whole object. */
	uint64_t line_info, upvalue_names, variable_names, end;
};

/* False where there is no prototype at this address, or one that contradicts itself. */
bool proto_read(const struct memory *m, const struct layout *layout, uint64_t address,
		struct proto *out);

/*
 * The same of what was read already: `raw` is what is at `address`, layout_proto_size() bytes.
 * Doubts more, since any memory may look like a head.
 */
bool proto_parse(const struct layout *layout, uint64_t address, const void *raw, struct proto *out);

/*
 * Index of the instruction that `pc` (which points behind it) was executing, or NO_POSITION. A
 * return into a loop that was compiled points into the trace; that is followed.
 */
uint32_t proto_position(const struct memory *m, const struct proto *p, uint64_t pc);
/* The line of an instruction, by the VM's own rules; 0: not known. */
uint32_t proto_line(const struct memory *m, const struct proto *p, uint32_t position);
/*
 * Index of the function's last return; `only`: all of its returns are in that one's line. False if
 * none is found.
 */
bool proto_return(const struct memory *m, const struct proto *p, uint32_t *position, bool *only);

/* The prototype whose bytecode `pc` is in, found by looking for its head. False if none is near. */
bool proto_around(const struct memory *m, const struct layout *layout, uint64_t pc,
		  struct proto *out);

#endif
