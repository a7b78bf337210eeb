/* SPDX-License-Identifier: MIT */
/*
 * Writes the graph of a VM's objects, as the collector would reach them, breadth first.
 *
 * Objects get the numbers 1, 2, 3, ... in the order in which they are first referred to, and are
 * written in that order. A reference is 0 (none, and the end of a list), 1 (the next number), or
 * 2 + how far the number lies behind the last that was given. Weak references are left
 * out. Each object begins with its type:
 *
 *   1 VM       collector's total, its threshold, its phase, bytes outside of objects, then pairs of
 *              a kind of root and a reference, up to kind 0; takes a number itself
 *   4 string   length, length of its text here, text; only strings that name something have it
 *   5 upvalue  reference, 0: still a variable
 *   7 proto    size, first line, lines, chunk name, trace, number of upvalues, for each the length
 *              of its name and the name; references to constants
 *   8 function size, kind (0: Lua), env, prototype (Lua only), then upvalues: their number and a
 *              reference each
 *   9 trace    size, references
 *  10 cdata    size, C type, flags (1: has a finalizer)
 *  11 table    size, flags (1: weak keys, 2: weak values), slots of the array, of the hash,
 *              metatable; values of the array; pairs of a string key and a value; other references;
 *              slots of the array in use, of the hash
 *  13 thread   size, env, references from the stack; functions of its frames, the root's first
 *  14 userdata size with a string buffer's memory, kind, metatable, env; references of its contents
 *   6, 12      what older probes wrote of these two, without the last list
 *
 * After all of them comes 2, and for each type of object from 4 to 12 (6 thread, 12 userdata) the
 * count and the bytes of those that nothing leads to; then 3 and the C types: their number, and for
 * each its info and size as LuaJIT keeps them, the length of its name and the name; then 4 and the
 * strings that turned out to name something after they were written: the number of each and what
 * stands behind its type; 0 ends them. 0 ends the graph.
 */
#ifndef ACUPOINT_WALK_H
#define ACUPOINT_WALK_H

#include "heap/objects.h"
#include "heap/stream.h"

enum walk_root {
	ROOT_MAIN_THREAD = 1,
	ROOT_REGISTRY,
	ROOT_GLOBALS,
	ROOT_METATABLES,
	ROOT_FFI,
	ROOT_TO_FINALIZE,
};

/* False where memory is out. */
bool walk_objects(struct objects *o, const struct heap_vm *vms, size_t count, struct stream *out);

#endif
