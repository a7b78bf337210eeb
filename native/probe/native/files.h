/* SPDX-License-Identifier: MIT */
/*
 * Symbol tables of mapped files, one for each file, whichever process maps it. The least recently
 * used go when all together become too large.
 */
#ifndef ACUPOINT_FILES_H
#define ACUPOINT_FILES_H

#include "native/elf.h"
#include "native/symbols.h"

enum { FILES_MAX = 128, FILES_MAX_BYTES = 6 << 20 };

struct symbol_file;

/*
 * The file behind a mapping of `pid`, read if need be; NULL when out of memory. Valid until the
 * next call. One that cannot be read, or is not the one that is mapped any more, has no symbols.
 */
struct symbol_file *symbol_file_of(pid_t pid, const struct mapping *mapping);

/*
 * As elf_find, for an offset into the file; stubs that call other files have the name of what they
 * call. Fills in what is known besides the name, which is valid until the next call; NULL: none is
 * known.
 */
const char *symbol_file_find(struct symbol_file *file, pid_t pid, const struct mapping *mapping,
			     uint64_t offset, struct symbol *out);
/*
 * All names of the function that is there, as elf_aliases(); `address`, which is that of the
 * offset, becomes that of its start.
 */
size_t symbol_file_function(struct symbol_file *file, pid_t pid, const struct mapping *mapping,
			    uint64_t offset, uint64_t *address, char *names, size_t capacity);
/* `pid` could not open the mapped file: it was replaced or deleted, or is not ours, or `pid` ends.
 */
bool symbol_file_unreadable(const struct symbol_file *file, pid_t pid);

/* Forgets all files. */
void symbol_files_free(void);

#endif
