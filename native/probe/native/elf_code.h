/* SPDX-License-Identifier: MIT */
/*
 * The facts of a mapped file on its code besides its symbols: the stubs by which it calls other
 * files, and where its functions begin. The file may be made to harm, as in elf.h.
 */
#ifndef ACUPOINT_ELF_CODE_H
#define ACUPOINT_ELF_CODE_H

#include "native/elf.h"

enum { ELF_STUB_SECTIONS = 4, ELF_RELOCATIONS = 3 };

struct elf_range {
	uint64_t offset, address, size;
	uint32_t entry; /* size of one; 0: none */
};

struct elf_code {
	uint16_t machine;
	struct elf_range stubs[ELF_STUB_SECTIONS];
	size_t stub_count;
	struct elf_range relocations[ELF_RELOCATIONS]; /* with symbols of .dynsym */
	size_t relocation_count;
	struct elf_range symbols, names; /* .dynsym, .dynstr */
	struct elf_range frames;	 /* the sorted table of .eh_frame_hdr */
};

/* False where it is no such file. Needs section headers for stubs. */
bool elf_code_read(const struct elf_source *source, struct elf_code *out);

/* Does the address stand among the stubs? */
bool elf_is_stub(const struct elf_code *code, uint64_t address);
/* "malloc@plt" for the stub at an address of the file. Length; 0: it is not known whose. */
size_t elf_stub_name(const struct elf_source *source, const struct elf_code *code, uint64_t address,
		     char name[ELF_MAX_NAME]);

/* Where the function begins that the address is in, by the unwind tables; 0: they do not say. */
uint64_t elf_function_start(const struct elf_source *source, const struct elf_code *code,
			    uint64_t address);

#endif
