/* SPDX-License-Identifier: MIT */
/*
 * Lua strings, tables and functions of the target, in the shape that they have in GC64 builds:
 * those of other builds are brought into it.
 */
#ifndef ACUPOINT_OBJECT_H
#define ACUPOINT_OBJECT_H

#include "host/memory.h"
#include "luajit/layout.h"

/* A value of 64 bits: its type is in the upper 17 bits, the address of its object in the lower 47.
 */
#define VALUE_POINTER(v) ((v)&0x7fffffffffffULL)
#define VALUE_TYPE(v) ((int32_t)((int64_t)(v) >> 47))
#define VALUE_IS(v, type) (VALUE_TYPE(v) == ~(int32_t)(type))

/*
 * Reads a GCstr into `out`, cut at `capacity`. Returns the bytes written; 0 as well where it is no
 * string. `length` (may be NULL) is what the string says of itself.
 */
size_t string_read(const struct memory *m, const struct layout *layout, uint64_t address, char *out,
		   size_t capacity, uint32_t *length);

/* A node of the target's; table_read() makes its value and its key what is described above. */
struct table_node {
	uint64_t value, key, next;
};

struct table_hash {
	uint64_t nodes;
	uint32_t count;		   /* 0: no hash part */
	uint32_t array_count;	   /* values of the array part; its first is of index 0 */
	uint64_t array, metatable; /* 0: none */
};

/* A value as the target has it, in the shape above; 0 for what is neither object nor constant. */
uint64_t object_value(const struct layout *layout, uint64_t raw);
/* Where the hash part of a GCtab is; at most 2^20 nodes. False where this is no table. */
bool table_open(const struct memory *m, const struct layout *layout, uint64_t table,
		struct table_hash *out);
/* `count` of its nodes, from `first` on. */
bool table_read(const struct memory *m, const struct layout *layout, const struct table_hash *hash,
		uint32_t first, size_t count, struct table_node *out);
/* The value at a string key, by reading all nodes; false if there is none. */
bool table_find(const struct memory *m, const struct layout *layout, uint64_t table,
		const char *key, uint64_t *value);

/* The table package.loaded of the VM whose global_State is at `global`. */
bool loaded_find(const struct memory *m, const struct layout *layout, uint64_t global,
		 uint64_t *table);

/* The start of a GCfunc, as the target has it. */
#define FUNCTION_READ 48

struct function_head {
	uint8_t gct, ffid;
	uint64_t pc; /* the first instruction, of a Lua function */
	uint64_t c;  /* the code, of a C function */
};

void function_parse(const struct layout *layout, const uint8_t *raw, struct function_head *out);
/* False where there is no function. */
bool function_read(const struct memory *m, const struct layout *layout, uint64_t function,
		   struct function_head *out);

/* A built-in of which no more is known; one byte is enough for those that there are. */
#define FFID_UNKNOWN 256

/* A function that is no Lua function. */
struct c_identity {
	uint32_t ffid;	   /* 1: a C function; above: a built-in */
	uint64_t function; /* GCfunc */
	uint64_t address;  /* of its code, which it may share with others */
};

#endif
