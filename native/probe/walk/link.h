/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Links of LuaJIT's frames: the word beside a frame's function that leads to the frame below.
 * Shared by BPF and user space. Source: lj_frame.h of LuaJIT 2.1.
 */
#ifndef ACUPOINT_LINK_H
#define ACUPOINT_LINK_H

/*
 * Says what called the frame. Called by Lua, the link is the position that it returns to, of which
 * the two lowest bits are 0. Else the lowest bits are one of these, and the rest says how many
 * bytes below this frame the next one is.
 */
#define LINK_KIND(link) ((link)&3)
enum link_kind {
	LINK_LUA = 0,
	LINK_C = 1,
	LINK_CONTINUATION = 2, /* a metamethod: what goes on when it has returned */
	LINK_VARARG = 3,       /* the copy of a vararg function, above the original */
};

/* With the third bit the frame is protected: a call from C, or pcall itself. */
#define LINK_TYPE(link) ((link)&7)
#define LINK_TYPES 8
#define LINK_PROTECTED 4
#define LINK_PCALL (LINK_PROTECTED | LINK_CONTINUATION) /* 7 while a hook runs */
#define LINK_BYTES(link) ((link) & ~7ULL)

/* Where a C frame of the interpreter is; its lowest bits are flags. */
#define CFRAME_ADDRESS(word) ((word) & ~3ULL)

#endif
