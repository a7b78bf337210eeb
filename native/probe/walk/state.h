/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a native stack looks like when the unwinder hands it on. Shared by BPF and user space. */
#ifndef ACUPOINT_UNWIND_STATE_H
#define ACUPOINT_UNWIND_STATE_H

/*
 * Why a walk ended. The numbers are those of WalkEnd in acupoint.proto; words for the user stand in
 * extension/profile/walk-ends.ts.
 */
enum unwind_state {
	UNWIND_GOES_ON = 0,
	UNWIND_COMPLETE = 1,   /* the thread's outermost frame was reached */
	UNWIND_FULL = 2,       /* more frames than fit */
	UNWIND_UNMAPPED = 3,   /* the address is in no mapping that is known */
	UNWIND_WANTED = 4,     /* in a file whose rows are not loaded */
	UNWIND_NO_RULE = 5,    /* in a file that says nothing about it */
	UNWIND_ODD_RULE = 6,   /* the file's rule needs more than is followed here */
	UNWIND_FOREIGN = 7,    /* in code of a compiler other than LuaJIT's */
	UNWIND_LUA_LOST = 8,   /* in LuaJIT's code, and its C frame could not be found */
	UNWIND_UNREADABLE = 9, /* a word of the stack could not be read */
	UNWIND_ASTRAY = 10,    /* the stack pointer would not grow */
	UNWIND_STATES,
};

/* A frame that is no return address but says: here stands Lua, whose interpreter's C frame is this.
 */
#define UNWIND_MARK (1ULL << 63)

#endif
