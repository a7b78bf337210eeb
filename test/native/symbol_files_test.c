/* SPDX-License-Identifier: MIT */
/* modules: native/files.c native/mapped_file.c native/mappings.c native/elf.c */
/* modules: native/elf_layout.c native/elf_lookup.c native/debug_file.c native/elf_code.c */
/* modules: unwind/files.c */
/* modules: unwind/file_rows.c unwind/rows.c unwind/cfi.c unwind/cfi_expression.c */
/* modules: unwind/cfi_pack.c unwind/eh_frame.c unwind/reader.c unwind/sljit.c */
/* modules: unwind/bare_code.c unwind/bare_x86.c unwind/x86_code.c unwind/x86_stack.c */
/* A file that is met first in a process that ends is read in the next one that has it. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "native/files.h"
#include "native/mapped_file.h"
#include "unwind/files.h"

/* A process that has ended: nothing of it can be opened. */
static pid_t ended(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
	return pid;
}

static const struct mapping *code_of(struct mappings *maps, const void *address)
{
	const struct mapping *mapping;

	CHECK(!mappings_read(getpid(), maps));
	mapping = mappings_find(maps, (uintptr_t)address);
	CHECK(mapping && mapping->inode);
	return mapping;
}

/* Of this program itself, which has symbols. */
static void reads_the_symbols_of_the_next_process(void)
{
	const void *function = (const void *)(uintptr_t)&ended;
	struct mappings maps;
	const struct mapping *mapping = code_of(&maps, function);
	uint64_t offset = (uintptr_t)function - mapping->start + mapping->offset;
	pid_t gone = ended();
	struct symbol_file *file;
	struct symbol symbol = {.approximate = true};
	const char *name;

	file = symbol_file_of(gone, mapping);
	CHECK(file && symbol_file_unreadable(file, gone));
	CHECK(!symbol_file_find(file, gone, mapping, offset, &symbol));
	CHECK(!symbol_file_unreadable(file, getpid()));
	file = symbol_file_of(getpid(), mapping);
	CHECK(file && !symbol_file_unreadable(file, getpid()));
	name = symbol_file_find(file, getpid(), mapping, offset, &symbol);
	CHECK(name && !symbol.approximate);
	CHECK_TEXT(name, "ended");
	symbol_files_free();
	mappings_free(&maps);
}

/* The symbols were read, the name comes later. */
static void reads_a_name_through_the_next_process(void)
{
	const void *function = (const void *)(uintptr_t)&code_of;
	struct mappings maps;
	const struct mapping *mapping = code_of(&maps, function);
	uint64_t offset = (uintptr_t)function - mapping->start + mapping->offset;
	struct symbol_file *file = symbol_file_of(getpid(), mapping);
	struct symbol symbol = {.approximate = true};
	const char *name;

	mapped_files_forget(true);
	CHECK(!symbol_file_find(file, ended(), mapping, offset, &symbol));
	name = symbol_file_find(file, getpid(), mapping, offset, &symbol);
	CHECK(name);
	CHECK_TEXT(name, "code_of");
	symbol_files_free();
	mappings_free(&maps);
}

/* In the place of unwind/chunks.c, which needs the kernel: there is no room. */
int chunks_put(struct chunks *c, const struct unwind_row *rows, size_t count,
	       struct chunk_piece *piece)
{
	(void)c;
	(void)rows;
	(void)count;
	(void)piece;
	return -1;
}

static void loads_rules_through_the_next_process(void)
{
	struct mappings maps;
	const struct mapping *mapping = code_of(&maps, (const void *)(uintptr_t)&ended);
	struct chunks chunks = {0};
	struct files files = {.chunks = &chunks};
	struct unwind_file *file = files_of_mapping(&files, getpid(), mapping);
	pid_t gone = ended();

	CHECK(file && file->state == FILE_UNLOADED);
	mapped_files_forget(true);
	CHECK(!files_load(&files, file, gone, mapping));
	CHECK(file->state == FILE_UNLOADED && file->failed_for == gone);
	files_load(&files, file, getpid(), mapping);
	CHECK(file->state != FILE_UNLOADED);
	files_free(&files);
	mappings_free(&maps);
}

int main(void)
{
	RUN(reads_the_symbols_of_the_next_process());
	RUN(reads_a_name_through_the_next_process());
	RUN(loads_rules_through_the_next_process());
	return CHECKS_RESULT;
}
