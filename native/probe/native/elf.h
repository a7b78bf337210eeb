/* SPDX-License-Identifier: MIT */
/*
 * The parts of an ELF file that name code: segments, and .symtab or else .dynsym. The file may be
 * made to harm: every offset and count is checked, sizes are bounded, and whatever does not fit is
 * left out. 64-bit little-endian only.
 */
#ifndef ACUPOINT_ELF_H
#define ACUPOINT_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where the bytes come from: a file by pread, or memory in tests. */
struct elf_source {
	/* As pread: bytes read, less at the end, or -1. */
	ssize_t (*read)(void *context, void *out, size_t size, uint64_t offset);
	void *context;
};
ssize_t elf_read_fd(void *context, void *out, size_t size, uint64_t offset); /* context: int * */

enum { ELF_MAX_SEGMENTS = 32, ELF_MAX_SYMBOLS = 1 << 19, ELF_MAX_NAME = 1024 };

struct elf_segment {
	uint64_t offset, address, file_size;
};

struct elf_symbol {
	uint32_t address; /* from the image's base */
	uint32_t size;
	uint32_t name; /* offset among the names */
};

struct elf_image {
	uint64_t base;				       /* lowest address of a segment */
	struct elf_segment segments[ELF_MAX_SEGMENTS]; /* of code */
	size_t segment_count;
	struct elf_symbol *symbols; /* functions, by address */
	size_t symbol_count;
	uint64_t names_offset, names_size; /* in the file */
	bool exported_only;		   /* of .dynsym: most functions are not there */
};

/* 0, -ENOEXEC for what is no such file, or -errno. A file without symbols has none. */
int elf_load(const struct elf_source *source, struct elf_image *out);
void elf_free(struct elf_image *image);

/* The file's own address for an offset into its code. False where no segment has it. */
bool elf_address_of_offset(const struct elf_image *image, uint64_t offset, uint64_t *address);

/*
 * The function at an address of the file, or the last one before it: then `approximate` is set,
 * unless it is one of assembly whose end is not known. NULL if there is none.
 */
const struct elf_symbol *elf_find(const struct elf_image *image, uint64_t address,
				  bool *approximate);
/* Its name, the best of several for the same address, cut to ELF_MAX_NAME - 1. Length, 0:
 * unreadable. */
size_t elf_name(const struct elf_source *source, const struct elf_image *image,
		const struct elf_symbol *symbol, char name[ELF_MAX_NAME]);

/* All names of its address, each with its NUL. Bytes written. */
size_t elf_aliases(const struct elf_source *source, const struct elf_image *image,
		   const struct elf_symbol *symbol, char *names, size_t capacity);

/* The file's own address of a function; 0 if it has none of that name. */
uint64_t elf_function(const struct elf_source *source, const struct elf_image *image,
		      const char *name);

/*
 * The file's own address of an exported variable of eight bytes, and `base`, the lowest one of a
 * segment; 0 if it has none of that name. Needs no elf_load().
 */
uint64_t elf_variable(const struct elf_source *source, const char *name, uint64_t *base);

#endif
