/* SPDX-License-Identifier: MIT */
/*
 * The reads of a walk over one thread, so that it can be made again elsewhere: registers, what is
 * known of the VMs, the memory that was looked at, in blocks, and the names and unwinding rules
 * that came from files. A file holds several samples, as text, gzipped.
 */
#ifndef ACUPOINT_RECORDING_H
#define ACUPOINT_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "luajit/vm.h"
#include "walk/arch.h"

#define BLOCK 64

struct recorded_block {
	uint64_t address; /* a multiple of BLOCK */
	uint8_t bytes[BLOCK];
};

/* The unwinder's rule for an address, or its answer that there is none: unwind/rule.h. */
struct recorded_rule {
	uint64_t address;
	uint32_t rule;
};

enum name_kind {
	NAME_LUA = 'l',	       /* of a module's function: prototype */
	NAME_C = 'c',	       /* of a built-in or C function: ffid, GCfunc */
	NAME_SYMBOL = 's',     /* of native code: address */
	NAME_DEFINITION = 'd', /* in the source: hash of the chunk's name, line */
	NAME_EXISTS = 'e',     /* a source defines it: hashes of the chunk's name and of its own */
};

struct recorded_name {
	enum name_kind kind;
	uint64_t a, b;
	bool approximate;
	char *name, *file; /* of NAME_SYMBOL alone the file; else "" */
};

struct recorded_sample {
	struct user_regs regs;
	struct lua_vm vms[SAMPLE_VMS]; /* without what is allocated */
	size_t vm_count;
	struct recorded_block *blocks;
	size_t block_count;
	struct recorded_rule *rules;
	size_t rule_count;
	struct recorded_name *names;
	size_t name_count;
};

struct recording {
	struct recorded_sample *samples;
	size_t count;
};

/* Each ends the program where memory is out: these are tools. */
struct recorded_sample *recording_add(struct recording *r);
void sample_add_block(struct recorded_sample *s, const struct recorded_block *block);
void sample_add_rule(struct recorded_sample *s, uint64_t address, uint32_t rule);
void sample_add_name(struct recorded_sample *s, const struct recorded_name *name);
void sample_free(struct recorded_sample *s);
void recording_free(struct recording *r);

/* False, with the reason on stderr, where the file cannot be had or is not of this format. */
bool recording_save(const struct recording *r, const char *path);
bool recording_load(struct recording *r, const char *path);

#endif
