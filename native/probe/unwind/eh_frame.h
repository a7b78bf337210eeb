/* SPDX-License-Identifier: MIT */
/* Turns the .eh_frame or .debug_frame section of an ELF file into unwinding rows. */
#ifndef ACUPOINT_UNWIND_EH_FRAME_H
#define ACUPOINT_UNWIND_EH_FRAME_H

#include "unwind/cfi.h"
#include "unwind/rows.h"

struct frame_section {
	const uint8_t *data;
	size_t size;
	uint64_t address; /* of data[0], as the file was linked */
	bool debug;	  /* .debug_frame: no augmentation, identifiers are offsets */
	uint64_t low;	  /* address that rows are relative to */
};

/* Counts of functions, with those that could not be read and were left out. */
struct frame_counts {
	size_t functions, damaged, unsupported_rows;
};

/* Adds unsorted rows. False when out of memory or past ROWS_MAX. */
bool eh_frame_rows(const struct frame_section *section, const struct cfi_machine *machine,
		   struct rows *rows, struct frame_counts *counts);

#endif
