/* SPDX-License-Identifier: MIT */
/*
 * Names of functions that are no module's field: by the code that makes them, by the upvalue of
 * another function that they are, or by a table that is one.
 */
#ifndef ACUPOINT_HOLDERS_H
#define ACUPOINT_HOLDERS_H

#include "host/memory.h"
#include "luajit/catalogue.h"
#include "luajit/layout.h"
#include "luajit/proto.h"

/*
 * Looks for functions of the chunk that `p` is of, from those that modules and the registry's
 * tables have, and enters the names that it finds. `everywhere`: among the upvalues of functions of
 * all other chunks too, which costs more. Once after each reading of the catalogue; bounded.
 */
void holders_search(struct catalogue *c, const struct memory *m, const struct layout *layout,
		    uint64_t global, const struct proto *p, bool everywhere);

#endif
