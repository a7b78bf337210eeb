/* SPDX-License-Identifier: MIT */
/*
 * The files that traced processes have mapped executable, each once however many processes map it.
 * A file is known by its build-id and sizes; without one by device, inode, size and time of its
 * last change.
 */
#ifndef ACUPOINT_UNWIND_FILES_H
#define ACUPOINT_UNWIND_FILES_H

#include <sys/types.h>

#include "native/elf_layout.h"
#include "unwind/chunks.h"

#define FILE_PIECES 6

struct mapping;

enum file_state { FILE_UNLOADED, FILE_LOADED, FILE_UNUSABLE };

struct unwind_file {
	struct unwind_file *next;
	struct elf_layout layout;
	uint64_t device, inode, size, changed_ns;
	enum file_state state;
	pid_t failed_for; /* the process through which it could not be opened, last */
	struct chunk_piece pieces[FILE_PIECES];
	size_t piece_count;
	size_t rows;
};

struct files {
	struct unwind_file *first;
	struct chunks *chunks;
	size_t rows, loaded, unusable;
};

/*
 * The file behind a mapping of a process, opened through map_files, which leads to what is mapped
 * even if it was deleted or replaced since; else by its path, if that is still the same inode. NULL
 * where it cannot be read or is no ELF file. The vdso, which is no file, is read from this process.
 */
struct unwind_file *files_of_mapping(struct files *files, pid_t pid, const struct mapping *mapping);

/*
 * Code of another compiler than LuaJIT's, in a mapping that is no file: known by what it is. NULL
 * where it is not understood.
 */
struct unwind_file *files_of_code(struct files *files, pid_t pid, const struct mapping *mapping);

/* True where its frame sections are small enough to be loaded before a sample asks for them. */
bool files_is_small(const struct unwind_file *file);

/* Loads the rows of the file behind the mapping, if it is not loaded. False where that fails. */
bool files_load(struct files *files, struct unwind_file *file, pid_t pid,
		const struct mapping *mapping);

void files_free(struct files *files);

#endif
