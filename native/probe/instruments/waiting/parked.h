/* SPDX-License-Identifier: MIT */
/*
 * The coroutines of ngx_lua that wait: those of all requests, subrequests and timers of a VM, read
 * while the worker runs. What waits does not change, so that no worker needs to be stopped.
 */
#ifndef ACUPOINT_PARKED_H
#define ACUPOINT_PARKED_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/gather.h"
#include "instruments/waiting/parked_head.h"
#include "luajit/vm.h"

enum {
	/* More coroutines of one VM are counted and not looked at. */
	PARKED_MAX = 8192,
	/* Bytes of the innermost frames that are read with all others; deeper ones are read alone.
	 */
	PARKED_WINDOW = 640,
};

struct parked {
	uint64_t thread; /* lua_State */
	struct lua_head head;
	uint64_t window_at; /* of the target */
	uint32_t window_size;
	uint8_t window[PARKED_WINDOW];
};

struct parked_list {
	struct parked *items;
	size_t count;
	uint64_t left_out;
	/* Of one look. */
	uint64_t *threads;
	struct piece *pieces;
	struct lua_head *heads;
	uint8_t *windows;
};

/* False when out of memory. */
bool parked_open(struct parked_list *l);
void parked_close(struct parked_list *l);

/*
 * Those of the VM that wait now. `table` is where ngx_lua keeps them, which the first look finds;
 * 0: not known. Nothing where ngx_lua keeps none.
 */
void parked_read(struct parked_list *l, const struct lua_vm *vm, uint64_t *table);
/* One that ngx_lua does not keep: false where it does not wait. */
bool parked_read_one(struct parked *out, const struct lua_vm *vm, uint64_t thread);

#endif
