/* SPDX-License-Identifier: MIT */
/*
 * Names that a VM's loaded modules give to functions: string.format, ngx.say, handler.access. Works
 * where nginx and its modules are stripped, since it asks Lua's own tables.
 */
#ifndef ACUPOINT_CATALOGUE_H
#define ACUPOINT_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/memory.h"
#include "luajit/layout.h"
#include "luajit/object.h"

struct catalogue;

/* NULL when out of memory. */
struct catalogue *catalogue_new(void);
void catalogue_free(struct catalogue *c);

/* Walks package.loaded of the VM, bounded; what is there replaces what was known. */
void catalogue_read(struct catalogue *c, const struct memory *m, const struct layout *layout,
		    uint64_t global);

/* How a Lua function is known; of several names the one of the lowest rank is taken. */
enum catalogue_rank {
	RANK_DEFINED = 0,  /* the code that made it stores it under this name */
	RANK_FIELD = 1,	   /* of a module; further in, a rank more */
	RANK_HELD = 16,	   /* an upvalue of another function, or in a table that is one */
	RANK_NUMBERED = 17 /* what holds it has no name for it: which of its parts it is */
};

/* One more name of a Lua function; at most eight are kept. */
void catalogue_enter_lua(struct catalogue *c, uint64_t proto, enum catalogue_rank rank,
			 const char *name, size_t length);

/*
 * Each returns the name's length and points `name` at it until the next read or search; 0: none.
 * Names of one rank are taken by their length, then in order of text, so that all workers of the
 * same code take the same one.
 */
size_t catalogue_lua(const struct catalogue *c, uint64_t proto, const char **name,
		     enum catalogue_rank *rank);
/* The next name of the same function, in no order; `at`: 0 at first. 0: no more. */
size_t catalogue_names(const struct catalogue *c, uint64_t proto, uint32_t *at, const char **name);

/* Functions that the modules have. */
struct catalogue_closure {
	uint64_t function, proto;
};
const struct catalogue_closure *catalogue_closures(const struct catalogue *c, size_t *count);

/* False the first time since the last read that it is asked with this key. */
bool catalogue_searched(struct catalogue *c, uint64_t key);
/* Is some function known by this name, whatever module it is of? */
bool catalogue_knows(const struct catalogue *c, const char *name, size_t length);
size_t catalogue_c(const struct catalogue *c, const struct c_identity *id, const char **name);

#endif
