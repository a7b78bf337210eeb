/* SPDX-License-Identifier: MIT */
/* Which modules a VM has loaded, by its package.loaded. */
#ifndef ACUPOINT_LUAJIT_MODULES_H
#define ACUPOINT_LUAJIT_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/memory.h"
#include "luajit/layout.h"

enum { MODULES_MAX = 4096, MODULE_NAME_MAX = 256, MODULE_VERSION_MAX = 32 };

struct modules {
	/* Changes when the set does; 0: it could not be read. */
	uint64_t print;
	/* Names, each behind its length in two bytes. */
	char *text;
	size_t size, capacity, count;
	uint32_t left_out; /* too many, too long, or not to be read */
	char kong_version[MODULE_VERSION_MAX], apisix_version[MODULE_VERSION_MAX];
};

/*
 * Reads the set's print, and where that is not `known` the names too. Costs some hundred system
 * calls for a gateway's modules, without stopping anything. False where nothing is new.
 */
bool modules_read(struct modules *out, const struct memory *m, const struct layout *layout,
		  uint64_t global, uint64_t known);
void modules_free(struct modules *m);

/* The name at `*at`, which goes on to the next; 0 at the end. */
size_t modules_next(const struct modules *m, size_t *at, const char **name);

#endif
