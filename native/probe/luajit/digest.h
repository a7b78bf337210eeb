/* SPDX-License-Identifier: MIT */
/*
 * A digest of a Lua function's code, in 32 bits: the same wherever the same source was compiled, in
 * every worker and after every reload, and most likely another where the source differs.
 */
#ifndef ACUPOINT_DIGEST_H
#define ACUPOINT_DIGEST_H

#include "host/memory.h"
#include "luajit/layout.h"
#include "luajit/proto.h"

/*
 * Of the instructions, leaving out what the VM changes in them as it runs, of the constants, and of
 * the names of variables and the lines where the code has them; of functions defined within too. 0
 * where it cannot be read.
 */
uint32_t proto_digest(const struct memory *m, const struct layout *layout, const struct proto *p);

#endif
