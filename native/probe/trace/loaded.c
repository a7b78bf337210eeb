/* SPDX-License-Identifier: MIT */
#include "trace/loaded.h"

#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "luajit/modules.h"

#define FIRST_MS 500
#define EVERY_MS 5000

static uint32_t text_id(struct model *m, const char *text)
{
	return *text ? model_string(m, text, strlen(text)) : 0;
}

/* The place of the VM's set: one that still waits is replaced. */
static struct loaded_modules *place(struct loaded *l, uint32_t pid, uint64_t vm)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		if (l->sets[i].pid != pid || l->sets[i].vm != vm)
			continue;
		free(l->sets[i].names);
		return &l->sets[i];
	}
	if (!array_reserve(l->sets, l->capacity, l->count + 1, 8))
		return NULL;
	return &l->sets[l->count++];
}

static bool keep(struct loaded *l, struct model *m, const struct lua_vm *vm,
		 const struct modules *modules)
{
	struct loaded_modules *set;
	uint32_t *names = calloc(modules->count + 1, sizeof(*names));
	size_t at = 0, count = 0, length;
	const char *name;

	if (!names)
		return false;
	set = place(l, (uint32_t)vm->memory.pid, vm->global);
	if (!set) {
		free(names);
		return false;
	}
	while ((length = modules_next(modules, &at, &name)))
		names[count++] = model_string(m, name, length);
	*set = (struct loaded_modules){
		.pid = (uint32_t)vm->memory.pid,
		.vm = vm->global,
		.names = names,
		.count = count,
		.left_out = modules->left_out,
		.kong_version = text_id(m, modules->kong_version),
		.apisix_version = text_id(m, modules->apisix_version),
	};
	return true;
}

void loaded_look(struct loaded *l, struct model *m, struct lua_vm *vm, uint64_t now_ms)
{
	struct modules modules;

	if (!vm->modules_due_ms)
		vm->modules_due_ms = now_ms + FIRST_MS;
	if (now_ms < vm->modules_due_ms)
		return;
	vm->modules_due_ms = now_ms + EVERY_MS;
	if (modules_read(&modules, &vm->memory, &vm->layout, vm->global, vm->modules_print) &&
	    keep(l, m, vm, &modules))
		vm->modules_print = modules.print;
	modules_free(&modules);
}

void loaded_sent(struct loaded *l, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(l->sets[i].names);
	memmove(l->sets, l->sets + count, (l->count - count) * sizeof(*l->sets));
	l->count -= count;
}

void loaded_free(struct loaded *l)
{
	loaded_sent(l, l->count);
	free(l->sets);
}
