/* SPDX-License-Identifier: MIT */
#include "unwind/file_rows.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#include "unwind/bare_code.h"
#include "unwind/bare_x86.h"

#define SECTION_MAX (64u << 20)
#define CODE_MAX (16u << 20)
/* Following it takes some 16 times as much memory for a moment. */
#define CODE_MAX_X86 (1u << 20)
/* Shorter ones are padding. */
#define CODE_MIN_X86 16

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

static int bare_rows(const struct elf_source *source, const struct elf_layout *layout,
		     const struct layout_segment *segment, uint32_t from, uint32_t to,
		     struct rows *rows)
{
	bool x86 = layout->machine == EM_X86_64, good;
	uint64_t at = layout->low + from - segment->address;
	size_t size = x86 ? to - from : (to - from) & ~3u;
	void *code;

	if (size < (x86 ? CODE_MIN_X86 : 8) || size > (x86 ? CODE_MAX_X86 : CODE_MAX))
		return 0;
	code = malloc(size);
	if (!code)
		return -ENOMEM;
	if (!elf_read_exactly(source, segment->offset + at, code, size)) {
		free(code);
		return -EIO;
	}
	good = x86 ? bare_x86_rows(code, size, from, rows)
		   : bare_code_rows(code, size / 4, from, rows);
	free(code);
	return good ? 0 : -ENOMEM;
}

/* Adds rows for code that no table describes, between those that are there already, in order. */
static int gaps_in(const struct elf_source *source, const struct elf_layout *layout,
		   const struct layout_segment *segment, struct rows *rows)
{
	uint64_t begin = segment->address - layout->low, end = begin + segment->file_size, next;
	size_t count = rows->count;
	int err = 0;

	if (end > UINT32_MAX)
		return 0;
	for (size_t i = 0; i <= count && !err; i++) {
		next = i < count ? rows->items[i].pc : end;
		if (next > end)
			next = end;
		if (next > begin && (i == 0 || rows->items[i - 1].rule == UNWIND_NONE))
			err = bare_rows(source, layout, segment, (uint32_t)begin, (uint32_t)next,
					rows);
		if (next > begin)
			begin = next;
	}
	return err;
}

static int gap_rows(const struct elf_source *source, const struct elf_layout *layout,
		    struct rows *rows)
{
	int err = 0;

	rows_finish(rows);
	for (size_t i = 0; i < layout->segment_count && !err; i++) {
		if (layout->segments[i].executable)
			err = gaps_in(source, layout, &layout->segments[i], rows);
	}
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
	if (!err)
		err = gap_rows(source, layout, rows);
	if (err)
		rows_free(rows);
	else
		rows_finish(rows);
	return err;
}
