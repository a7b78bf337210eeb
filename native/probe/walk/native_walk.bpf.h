/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The native frames of a sample, and where Lua stands among them. */
#ifndef ACUPOINT_NATIVE_WALK_H
#define ACUPOINT_NATIVE_WALK_H

#include "walk/sample.h"
#include "walk/unwind.bpf.h"

/*
 * The native frames: the Lua walk knows the C frame where they pass the interpreter, and the
 * mappings tell compiled code.
 */
static __always_inline void walk_native(struct sample *head, struct unwind_scratch *u, __u32 space,
					const struct sampled_vm *vm)
{
	int i;

	u->walk.code_start = vm->code_start;
	u->walk.code_end = vm->code_end;
	u->walk.old_cframe = vm->old_cframe;
	u->walk.gc32 = vm->gc32;
	if (head->lua_state) {
		u->walk.cframe = head->cframe;
		u->walk.trace = head->jit_base || head->vm_state == LUA_STATE_EXIT;
	}
	if (!space || !unwind_begin(u, space - 1))
		return;
	for (i = 0; i < UNWIND_FRAMES / UNWIND_FRAMES_PER_CALL + 1; i++) {
		if (unwind_frames(SAMPLE_NATIVE))
			break;
	}
	head->native = u->frames;
	head->native_state = u->walk.state;
	head->trace_ip = u->walk.trace_ip;
}

#endif
