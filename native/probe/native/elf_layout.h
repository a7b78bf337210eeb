/* SPDX-License-Identifier: MIT */
/*
 * The parts of an ELF file that unwinding needs: its segments, its frame sections and its build-id.
 * The file is read through a function, so that it can be a file, memory or a fuzzer's bytes, and is
 * never mapped.
 */
#ifndef ACUPOINT_UNWIND_ELF_LAYOUT_H
#define ACUPOINT_UNWIND_ELF_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "native/elf.h"

#define LAYOUT_SEGMENTS_MAX 16
#define LAYOUT_BUILD_ID_MAX 32

struct layout_segment {
	uint64_t offset, address, file_size;
	bool executable;
};

struct elf_part {
	uint64_t offset, address, size; /* size 0: there is none */
};

struct elf_layout {
	uint16_t machine; /* EM_X86_64, EM_AARCH64 */
	uint64_t low;	  /* the lowest address of a loaded segment */
	struct layout_segment segments[LAYOUT_SEGMENTS_MAX]; /* loaded ones */
	size_t segment_count;
	struct elf_part eh_frame, debug_frame;
	struct elf_part debug_link; /* names the file with its symbols */
	uint8_t build_id[LAYOUT_BUILD_ID_MAX];
	size_t build_id_size; /* 0: none */
};

/* Exactly `size` bytes; false where that is not possible. */
bool elf_read_exactly(const struct elf_source *source, uint64_t offset, void *out, size_t size);

/* False where it is not a 64-bit little-endian ELF file of a machine that is known. */
bool elf_layout_read(const struct elf_source *source, struct elf_layout *out);

/*
 * The linked address of what is mapped executable from `offset` of the file on. Mappings begin at a
 * page, so `offset` may lie before the segment's own. False where no such segment is there.
 */
bool elf_layout_address(const struct elf_layout *layout, uint64_t offset, uint64_t *address);

#endif
