/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The unwinder's knowledge of a process, for BPF: its executable mappings, ascending, and where the
 * rows of each are. Shared by the BPF program and user space. Includers define __u8 ... __u64
 * first.
 */
#ifndef ACUPOINT_UNWIND_SPACE_H
#define ACUPOINT_UNWIND_SPACE_H

/*
 * Rows lie in chunks of this many, which are made as they are needed. One holds what nginx with
 * OpenSSL needs (2 MB); to make one takes some 10 ms, in which the kernel waits for its programs.
 */
#define UNWIND_CHUNK_ROWS (1 << 18)
#define UNWIND_CHUNKS 8
/*
 * The rows of a piece of a file, in one chunk, are followed by an index of its pages: for each, the
 * rows (of the chunk) that may hold for its addresses, as {first, end}.
 */
#define UNWIND_PAGE_SHIFT 10
#define UNWIND_RANGES 160
#define UNWIND_SPACES 64
/* Rules found last, by address: callers repeat from sample to sample. A power of 2. */
#define UNWIND_CACHE 4096
#define UNWIND_CACHE_SHIFT 52

enum unwind_range_kind {
	UNWIND_RANGE_ROWS = 0,
	UNWIND_RANGE_UNLOADED, /* a file whose rows were not wanted so far */
	UNWIND_RANGE_LUAJIT,   /* machine code of LuaJIT's compiler */
	UNWIND_RANGE_FOREIGN,  /* code that no file describes: another compiler's */
};

struct unwind_range {
	__u64 start;
	__u32 size;
	__u32 pc;     /* what rows call the address `start` */
	__u32 origin; /* what rows call the start of their first page; 0 pages: no rows */
	__u32 index;  /* chunk * UNWIND_CHUNK_ROWS + row of the first page's entry */
	__u32 pages;
	__u32 kind;
};

struct unwind_space {
	__u32 count;
	__u32 owner; /* 1 to 65535, never twice: what the cache holds of others does not count */
	struct unwind_range ranges[UNWIND_RANGES];
};

struct unwind_cached {
	__u64 key;  /* owner << 48 | address */
	__u64 rule; /* and a check of the key above it: two CPUs may write at once */
};

#endif
