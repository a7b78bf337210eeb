/* SPDX-License-Identifier: MIT */
/* Whole files and bare sections, to what makes unwinding rows of them. */
#include <stdlib.h>

#include <linux/types.h>

#include "bytes.h"

#include "unwind/bare_code.h"
#include "unwind/bare_x86.h"
#include "unwind/file_rows.h"
#include "unwind/sljit.h"

/* Rows ascend, and every answer is one of them. */
static void use(struct rows *rows)
{
	rows_finish(rows);
	for (size_t i = 0; i < rows->count; i++) {
		if (i && rows->items[i].pc <= rows->items[i - 1].pc)
			abort();
		if (rows_find(rows->items, rows->count, rows->items[i].pc) != rows->items[i].rule)
			abort();
	}
	rows_free(rows);
}

static void bare_arm(const uint8_t *data, size_t size, struct rows *rows)
{
	uint32_t *code = malloc(size + 1);

	if (!code)
		abort();
	memcpy(code, data, size);
	bare_code_rows(code, size / 4, 0x1000, rows);
	free(code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = {data, size};
	struct elf_source source = {bytes_read, &bytes};
	struct frame_section section = {.address = 0x1000, .low = 0x1000};
	struct frame_counts counts = {0};
	struct rows rows = {0};
	struct elf_layout layout;
	uint64_t address;

	if (size == 0)
		return 0;
	if (elf_layout_read(&source, &layout)) {
		elf_layout_address(&layout, data[size - 1] << 8, &address);
		if (!file_rows_read(&source, &layout, &rows, &counts))
			use(&rows);
		return 0;
	}
	/* Parts of files: tables, in two forms for two machines, and code without any. */
	data++;
	size--;
	switch (data[-1] % 8) {
	case 4:
		sljit_rows(data, size, &rows);
		break;
	case 5:
		bare_arm(data, size, &rows);
		break;
	case 6:
	case 7:
		bare_x86_rows(data, size, 0x1000, &rows);
		break;
	default:
		section.data = data;
		section.size = size;
		section.debug = data[-1] & 1;
		eh_frame_rows(&section, data[-1] & 2 ? &cfi_aarch64 : &cfi_x86_64, &rows, &counts);
	}
	use(&rows);
	return 0;
}
