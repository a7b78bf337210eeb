/* SPDX-License-Identifier: MIT */
/*
 * Names for addresses that are not Lua: the kernel's and the native code of a process.
 * Everything read here comes from the target or its files and is treated as hostile.
 */
#ifndef ACUPOINT_SYMBOLS_H
#define ACUPOINT_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct symbol {
	const char *name;   /* valid until the next call; not NUL-terminated */
	size_t name_length; /* 0: no name is known */
	const char *file;   /* mapped file or kernel module; may be "" */
	bool approximate;   /* nearest exported symbol before the address, not its own */
	/* Where it is approximate: where the function begins in its file, 0 where that is not
	 * known; and how far behind the symbol that is, or else the address. */
	uint64_t begins, distance;
	bool unreadable; /* the file that is mapped cannot be had, so nothing in it has a name */
};

/* ---- kernel: loaded on first use, about 2 MB ---- */
struct kernel_symbols;
/* Opens the list of them, for when this process may not any more. */
void kernel_symbols_prepare(void);
struct kernel_symbols *kernel_symbols_new(void);
void kernel_symbols_free(struct kernel_symbols *k);
/* False where kallsyms is hidden or the address is none of its. */
bool kernel_symbols_find(struct kernel_symbols *k, uint64_t address, struct symbol *out);

/* ---- mappings of a process ---- */
struct mapping {
	uint64_t start, end, offset; /* offset into the file */
	char perms[4];		     /* "rwxp" */
	uint64_t inode;		     /* 0: anonymous */
	uint32_t device;
	const char *path; /* as the target sees it; "" if anonymous; " (deleted)" is stripped */
	bool deleted;
};
struct mappings {
	struct mapping *items; /* ascending, not overlapping */
	size_t count;
};
/* 0, or -errno. At most 65 536 mappings are read. */
int mappings_read(pid_t pid, struct mappings *out);
void mappings_free(struct mappings *m);
const struct mapping *mappings_find(const struct mappings *m, uint64_t address);
/* Memory that the process asked for and may write to: where an allocator's objects can be. */
bool mapping_is_heap(const struct mapping *m);

/* ---- native symbols of a process ---- */
struct native_symbols;
struct native_symbols *native_symbols_new(pid_t pid);
void native_symbols_free(struct native_symbols *n);
/*
 * Names an address by .symtab, else .dynsym, of the file that is mapped there (opened through
 * /proc/PID/root or map_files; files are read with pread, never mapped, so that a truncated file
 * cannot raise SIGBUS). Re-reads the mappings when the address is in none. False where nothing is
 * mapped.
 */
bool native_symbols_find(struct native_symbols *n, uint64_t address, struct symbol *out);
/*
 * Start and all names of the function that the address is in, each with its NUL: several in a libc.
 * Returns the bytes written; 0: none is known.
 */
size_t native_symbols_function(struct native_symbols *n, uint64_t address, uint64_t *start,
			       char *names, size_t capacity);

/*
 * How much of a symbol is the name of the function that the compiler made it a part of:
 * "foo" of "foo.part.0", "foo.constprop.0.isra.0" and "foo.cold". `length` where it is whole.
 */
size_t symbol_whole(const char *name, size_t length);

#endif
