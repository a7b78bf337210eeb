/* SPDX-License-Identifier: MIT */
#include "unwind/file_rows.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#define SECTION_MAX (64u << 20)

static int section_rows(const struct elf_source *source, const struct elf_layout *layout,
			bool debug, struct rows *rows, struct frame_counts *counts)
{
	const struct elf_part *part = debug ? &layout->debug_frame : &layout->eh_frame;
	struct frame_section section = {.debug = debug, .low = layout->low};
	uint8_t *bytes;
	int err = 0;

	if (part->size == 0)
		return 0;
	if (part->size > SECTION_MAX)
		return -EFBIG;
	bytes = malloc(part->size);
	if (!bytes)
		return -ENOMEM;
	section.data = bytes;
	section.size = part->size;
	section.address = part->address;
	if (!elf_read_exactly(source, part->offset, bytes, part->size))
		err = -EIO;
	else if (!eh_frame_rows(&section, layout->machine == EM_X86_64 ? &cfi_x86_64 : &cfi_aarch64,
				rows, counts))
		err = -ENOMEM;
	free(bytes);
	return err;
}

int file_rows_read(const struct elf_source *source, const struct elf_layout *layout,
		   struct rows *rows, struct frame_counts *counts)
{
#if defined(__x86_64__)
	const uint16_t machine = EM_X86_64;
#else
	const uint16_t machine = EM_AARCH64;
#endif
	int err;

	*rows = (struct rows){0};
	*counts = (struct frame_counts){0};
	if (layout->machine != machine)
		return -ENOEXEC;
	err = section_rows(source, layout, false, rows, counts);
	/* Only where there is no .eh_frame: both would describe the same functions. */
	if (!err && rows->count == 0)
		err = section_rows(source, layout, true, rows, counts);
	if (err)
		rows_free(rows);
	else
		rows_finish(rows);
	return err;
}
