/* SPDX-License-Identifier: MIT */
/*
 * The coroutines of ngx_lua that wait: those of all requests, subrequests and timers of a VM, read
 * while the worker runs. One that waits does not change, so that no worker needs to be stopped.
 */
#ifndef ACUPOINT_PARKED_H
#define ACUPOINT_PARKED_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/gather.h"
#include "instruments/waiting/parked_head.h"
#include "luajit/object.h"
#include "luajit/vm.h"

enum {
	/* More coroutines than this are counted and not looked at. */
	PARKED_MAX = 8192,
	/* Bytes of the innermost frames that are read with all others; deeper ones are read alone.
	 */
	PARKED_WINDOW = 640,
	/* Words of a socket of ngx_lua. */
	PARKED_DATA = 24,
	/* Bytes of a function in C, with its first upvalue. */
	PARKED_FUNCTION = 56,
	/* Bytes of an ngx_http_request_t, as far as anything of it is looked at. */
	PARKED_REQUEST = 0x4c0,
};

/* ngx_lua's co-context of a coroutine: what it waits on, itself, the one that resumed it. */
struct parked_context {
	uint64_t data, thread, parent;
};

struct parked {
	uint64_t thread; /* lua_State */
	uint32_t number; /* among those whose heads were read together */
	struct lua_head head;
	uint64_t window_at; /* of the target */
	uint32_t window_size;
	uint8_t window[PARKED_WINDOW];
	uint64_t print;			   /* of the head and the window */
	bool known;			   /* nothing of what follows is read */
	struct parked_context context;	   /* 0: the build has none */
	uint64_t data[PARKED_DATA];	   /* at context.data, unless that is the request */
	uint64_t leaf;			   /* the function that waits */
	uint8_t function[PARKED_FUNCTION]; /* at `leaf` */
	uint8_t request[PARKED_REQUEST] __attribute__((aligned(8))); /* at head.exdata */
};

struct parked_list {
	struct parked *items;
	size_t count;
	uint64_t left_out;
	/* Of one call. */
	uint64_t *threads;
	struct piece *pieces;
	uint8_t *heads;
};

/* False when out of memory. */
bool parked_open(struct parked_list *l);
void parked_close(struct parked_list *l);

/*
 * Fills the list with the heads and stacks of those of the VM that wait now. `table` is where
 * ngx_lua keeps them, which the first look finds; 0: not known. Leaves it empty where ngx_lua keeps
 * none.
 */
void parked_read(struct parked_list *l, const struct lua_vm *vm, uint64_t *table);
/* Appends those of `count` coroutines that wait, in their order. */
void parked_append(struct parked_list *l, const struct lua_vm *vm, const uint64_t *threads,
		   size_t count);
/* Reads the rest of those from `first` on that are not known. */
void parked_read_rest(struct parked_list *l, const struct lua_vm *vm, size_t first);

#endif
