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

/* Each returns the name's length and points `name` at it until the next read; 0: none. */
size_t catalogue_lua(const struct catalogue *c, uint64_t proto, const char **name);
/* Is some function known by this name, whatever module it is of? */
bool catalogue_knows(const struct catalogue *c, const char *name, size_t length);
size_t catalogue_c(const struct catalogue *c, const struct c_identity *id, const char **name);

#endif
