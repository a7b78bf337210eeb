/* SPDX-License-Identifier: MIT */
#include "luajit/vm.h"

#include <stdlib.h>

/* lua_State has the co-context of ngx_lua only where it is this large. */
#define STATE_SIZE_WITH_EXDATA2 0x70
#define STATE_SIZE_WITH_EXDATA2_32 0x50

static uint32_t exdata2(const struct layout *l)
{
	if (l->gc32)
		return l->state_size == STATE_SIZE_WITH_EXDATA2_32 ? STATE_EXDATA2_32 : 0;
	return l->state_size == STATE_SIZE_WITH_EXDATA2 ? STATE_EXDATA2 : 0;
}

/* And the request already where it is this large; upstream's is smaller. */
#define STATE_SIZE_WITH_EXDATA 0x68
#define STATE_SIZE_WITH_EXDATA_32 0x48

static bool has_exdata(const struct layout *l)
{
	return l->state_size >= (l->gc32 ? STATE_SIZE_WITH_EXDATA_32 : STATE_SIZE_WITH_EXDATA);
}

static struct lua_vm *finish(struct lua_vm *vm)
{
	vm->jit = jit_new(&vm->memory, &vm->layout, vm->global);
	vm->catalogue = catalogue_new();
	vm->catalogue_read_ms = 0;
	vm->catalogue_reads = 0;
	vm->modules_due_ms = vm->modules_print = 0;
	if (vm->jit && vm->catalogue)
		return vm;
	vm_free(vm);
	return NULL;
}

struct lua_vm *vm_open(const struct memory *m, const struct mappings *maps, uint64_t main_thread,
		       uint32_t state_size, bool gc32, const char **why)
{
	struct lua_vm *vm = calloc(1, sizeof(*vm));
	uint64_t handler;

	*why = "out of memory";
	if (!vm)
		return NULL;
	vm->memory = *m;
	vm->main_thread = main_thread;
	vm->global = main_thread + state_size;
	if (!layout_derive(m, maps, main_thread, state_size, gc32, &vm->layout, &handler, why))
		goto fail;
	*why = "no unwind table entry covers its interpreter";
	if (!code_range_find(m, maps, handler, &vm->code))
		goto fail;
	*why = "out of memory";
	return finish(vm);
fail:
	free(vm);
	return NULL;
}

struct lua_vm *vm_sibling(const struct lua_vm *vm, uint64_t global)
{
	struct lua_vm *sibling = malloc(sizeof(*sibling));

	if (!sibling)
		return NULL;
	*sibling = *vm;
	sibling->global = global;
	sibling->main_thread = global - vm->layout.state_size;
	sibling->jit = NULL;
	sibling->catalogue = NULL;
	if (vm_alive(sibling))
		return finish(sibling);
	free(sibling);
	return NULL;
}

void vm_free(struct lua_vm *vm)
{
	if (!vm)
		return;
	jit_free(vm->jit);
	catalogue_free(vm->catalogue);
	free(vm);
}

bool vm_alive(const struct lua_vm *vm)
{
	const struct layout *l = &vm->layout;
	uint64_t back, global;

	return layout_follow(l, &vm->memory, vm->global + l->main_thread, &back) &&
	       back == vm->main_thread &&
	       layout_follow(l, &vm->memory, back + (l->gc32 ? STATE_GLOBAL_32 : STATE_GLOBAL),
			     &global) &&
	       global == vm->global;
}

void vm_describe(const struct lua_vm *vm, struct sampled_vm *out)
{
	*out = (struct sampled_vm){
		.global = vm->global,
		.code_start = vm->code.start,
		.code_end = vm->code.end,
		.vm_state = vm->layout.vm_state,
		.cur_l = vm->layout.cur_l,
		.jit_base = vm->layout.jit_base,
		.old_cframe = vm->code.old_cframe,
		.exdata = has_exdata(&vm->layout),
		.exdata2 = exdata2(&vm->layout),
		.gc32 = vm->layout.gc32,
	};
}
