/* SPDX-License-Identifier: MIT */
#include "instruments/trap_offset.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "native/elf.h"

uint64_t trap_file_offset(const struct elf_image *image, uint64_t address)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (address - s->address < s->file_size)
			return address - s->address + s->offset;
	}
	return 0;
}

#if defined(__x86_64__)
#define MARK "\xf3\x0f\x1e\xfa" /* endbr64, which the kernel does not emulate */
#define MARK_SIZE 4

/* push of a register, or a nop of one byte */
static bool is_emulated(const uint8_t *code)
{
	if ((code[0] & 0xf0) == 0x40)
		code++;
	return (code[0] & 0xf8) == 0x50 || code[0] == 0x90;
}
#else
#define MARK ""
#define MARK_SIZE 0

static bool is_emulated(const uint8_t *code)
{
	uint32_t word;

	/* bti and paciasp are hints as nop is, but the second does something. */
	memcpy(&word, code, sizeof(word));
	return word == 0xd503201f || (word & 0xffffff3f) == 0xd503241f;
}
#endif

uint64_t trap_behind_mark(int fd, uint64_t offset, enum trap_step *step)
{
	uint8_t code[MARK_SIZE + 4] = {0};

	if (pread(fd, code, sizeof(code), (off_t)offset) != sizeof(code))
		return offset;
	if (MARK_SIZE && !memcmp(code, MARK, MARK_SIZE)) {
		memmove(code, code + MARK_SIZE, 4);
		offset += MARK_SIZE;
	}
	if (!is_emulated(code))
		*step = TRAP_STEPPED;
	return offset;
}
