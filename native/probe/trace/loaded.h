/* SPDX-License-Identifier: MIT */
/* What the VMs of a trace have loaded, waiting to be sent. */
#ifndef ACUPOINT_LOADED_H
#define ACUPOINT_LOADED_H

#include "luajit/vm.h"
#include "model/model.h"

/* Ids are strings of the model; a version is 0 where its module is not loaded. */
struct loaded_modules {
	uint32_t pid;
	uint64_t vm;
	uint32_t *names;
	size_t count;
	uint32_t left_out, kong_version, apisix_version;
};

struct loaded {
	struct loaded_modules *sets;
	size_t count, capacity;
};

/*
 * Looks at what the VM has loaded, some seconds after the last time, and keeps it where it is new.
 * A VM that lives for one request only is not looked at.
 */
void loaded_look(struct loaded *l, struct model *m, struct lua_vm *vm, uint64_t now_ms);
/* Forgets the first `count` sets: they were sent. */
void loaded_sent(struct loaded *l, size_t count);
void loaded_free(struct loaded *l);

#endif
