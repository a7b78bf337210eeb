/* SPDX-License-Identifier: MIT */
/* The unwinding rows of an ELF file. */
#ifndef ACUPOINT_UNWIND_FILE_ROWS_H
#define ACUPOINT_UNWIND_FILE_ROWS_H

#include "native/elf_layout.h"
#include "unwind/eh_frame.h"

/*
 * 0 with the rows (none where the file has no frame section), or -errno: ENOEXEC for a file of
 * another machine, EFBIG for a section above 64 MB, EIO, ENOMEM.
 */
int file_rows_read(const struct elf_source *source, const struct elf_layout *layout,
		   struct rows *rows, struct frame_counts *counts);

#endif
