/* SPDX-License-Identifier: MIT */
/*
 * The zones of memory that nginx's processes share, as its configuration names them: those of Lua
 * and of any other module. Read without stopping anything.
 */
#ifndef ACUPOINT_ZONES_H
#define ACUPOINT_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "nginx/shared_dict.h"

enum { ZONES_MAX = 64 };

struct zone {
	char name[128], module[64]; /* any bytes; module is "" where it cannot be told */
	uint64_t size, resident;
	bool has_slab, has_dict;
	struct slab slab;
	struct shared_dict dict;
};

struct zones {
	pid_t pid;
	const char
		*missing; /* why there are none; "" where none is configured, or some are there */
	uint32_t count, left_out;
	struct zone items[ZONES_MAX];
};

/* Reads those of a worker. `variable` keeps for later calls where nginx says it; 0 at first. */
void zones_read(pid_t pid, uint64_t *variable, struct zones *out);

#endif
