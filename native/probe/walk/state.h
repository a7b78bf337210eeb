/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a native stack looks like when the unwinder hands it on. Shared by BPF and user space. */
#ifndef ACUPOINT_UNWIND_STATE_H
#define ACUPOINT_UNWIND_STATE_H

/* Why a walk ended. */
enum unwind_state {
	UNWIND_GOES_ON = 0,
	UNWIND_COMPLETE,   /* the thread's outermost frame was reached */
	UNWIND_FULL,	   /* more frames than fit */
	UNWIND_UNMAPPED,   /* the address is in no mapping that is known */
	UNWIND_WANTED,	   /* in a file whose rows are not loaded */
	UNWIND_NO_RULE,	   /* in a file that says nothing about it */
	UNWIND_ODD_RULE,   /* the file's rule needs more than is followed here */
	UNWIND_FOREIGN,	   /* in code of a compiler other than LuaJIT's */
	UNWIND_LUA_LOST,   /* in LuaJIT's code, and its C frame could not be found */
	UNWIND_UNREADABLE, /* a word of the stack could not be read */
	UNWIND_ASTRAY,	   /* the stack pointer would not grow */
	UNWIND_STATES,
};

/* A frame that is no return address but says: here stands Lua, whose interpreter's C frame is this.
 */
#define UNWIND_MARK (1ULL << 63)

#endif
