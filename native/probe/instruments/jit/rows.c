/* SPDX-License-Identifier: MIT */
#include "instruments/jit/rows.h"

#include <string.h>

#include "luajit/abort_reason.h"
#include "naming/chunk.h"

static const struct series vms = {
	.name = "jit.vms",
	.instrument = "jit",
	.unit = "count",
	.shape = SERIES_POINTS,
	.key_count = 8,
	.keys = {{"vm", true},
		 {"traces", true},
		 {"machineCodeBytes", true},
		 {"machineCodeLimit", true},
		 {"maxTraces", true},
		 {"flushes", true},
		 {"hotloop", true},
		 {"hotexit", true}},
};

static const struct series aborts = {
	.name = "jit.aborts",
	.instrument = "jit",
	.unit = "count",
	.shape = SERIES_TABLES,
	.key_count = 3,
	.keys = {{"reason", false}, {"file", false}, {"line", true}},
};

static const struct series blacklisted = {
	.name = "jit.blacklisted",
	.instrument = "jit",
	.unit = "count",
	.shape = SERIES_TABLES,
	.key_count = 3,
	.keys = {{"file", false}, {"line", true}, {"kind", false}},
};

bool place_in(struct model *m, const struct lua_vm *vm, const struct proto *p, uint32_t position,
	      struct lua_place *out)
{
	struct chunk chunk;
	uint8_t type;

	if (!memory_read(&vm->memory, p->chunkname + layout_type(&vm->layout), &type, 1) ||
	    type != LUA_STRING)
		return false;
	chunk_read(&chunk, &vm->memory, &vm->layout, p->chunkname);
	out->file = model_string(m, chunk.text, chunk.length);
	out->line = proto_line(&vm->memory, p, position);
	chunk_free(&chunk);
	return true;
}

struct lua_place place_gone(struct model *m)
{
	static const char text[] = "[collected function]";

	return (struct lua_place){.file = model_string(m, text, sizeof(text) - 1)};
}

bool add_aborts(struct model *m, pid_t pid, uint32_t reason, const struct lua_place *at,
		uint32_t count)
{
	char text[64];
	size_t length = abort_reason_text(reason, text, sizeof(text));
	uint32_t keys[] = {model_string(m, text, length), at->file, at->line};

	return model_add_table(m, &aborts, pid, keys, count, count);
}

bool add_blacklisted(struct model *m, pid_t pid, const struct lua_place *at, const char *kind)
{
	uint32_t keys[] = {at->file, at->line, model_string(m, kind, strlen(kind))};

	return model_add_table(m, &blacklisted, pid, keys, 1, 1);
}

bool add_vm(struct model *m, const struct lua_vm *vm, const struct compiler *c, uint32_t traces,
	    uint32_t flushes, uint64_t time_us)
{
	struct model_point point = {
		.time_us = time_us,
		.pid = (uint32_t)vm->memory.pid,
		.numbers = {(double)vm->global, traces, (double)c->code_bytes,
			    (double)c->code_limit, c->max_traces, flushes, c->hot_loop,
			    c->hot_exit},
	};

	return model_add_point(m, &vms, &point);
}
