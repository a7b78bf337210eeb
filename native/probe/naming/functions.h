/* SPDX-License-Identifier: MIT */
/* Names for the functions of a process. Each is looked at once, when it is first met. */
#ifndef ACUPOINT_FUNCTIONS_H
#define ACUPOINT_FUNCTIONS_H

#include "luajit/object.h"
#include "luajit/proto.h"
#include "luajit/vm.h"
#include "model/model.h"
#include "naming/id_map.h"
#include "naming/identities.h"
#include "naming/lua_name.h"
#include "native/symbols.h"

struct lua_function_info {
	struct proto proto;
	uint32_t function; /* of the model */
	uint32_t phase;	   /* string of the model; 0 unless the chunk is a block of nginx.conf */
	uint64_t retry_ms; /* when it may have a better name; 0: never */
	bool gone;	   /* the prototype was collected before it could be read */
	bool placed;	   /* but the sample said where it is defined */
};

struct functions;

/* One for each process. NULL when out of memory. */
struct functions *functions_new(struct identities *identities);
void functions_free(struct functions *f);

/*
 * `now_ms` limits how often the names of loaded modules are read. `place`, or NULL, is what the
 * sample says of it, for what is gone. The result is valid until the next call.
 */
const struct lua_function_info *functions_lua(struct functions *f, struct lua_vm *vm,
					      uint64_t proto, uint32_t print,
					      const struct sample_place *place,
					      const struct call_site *site, uint64_t now_ms);
/* Line being executed, remembered. */
uint32_t functions_line(struct functions *f, struct lua_vm *vm,
			const struct lua_function_info *function, uint32_t position);
struct c_function {
	uint32_t function;   /* of the model */
	bool calls_argument; /* as pcall does: its first argument is what it calls */
	bool may_resume;     /* a coroutine that it called may stand above it */
	bool by_site;	     /* it is what the caller calls it here, and may be another elsewhere */
};

struct c_function functions_c(struct functions *f, struct lua_vm *vm,
			      struct native_symbols *symbols, const struct c_identity *id,
			      const struct call_site *site, uint64_t now_ms);

#endif
