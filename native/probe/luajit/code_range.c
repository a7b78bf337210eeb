/* SPDX-License-Identifier: MIT */
#include "luajit/code_range.h"

#include <elf.h>
#include <string.h>

#define PROGRAM_HEADERS_MAX 64
#define CODE_MIN (4 * 1024)
#define CODE_MAX (64 * 1024)
/* Encodings of .eh_frame_hdr that linkers write: version 1, pcrel sdata4, udata4, datarel sdata4.
 */
#define HEADER_FORM 0x3b031b01u

/* Of DWARF, with the registers' numbers. */
#define DEF_CFA_OFFSET 0x0e
#define OFFSET_FP (0x80 | 29)
#define OFFSET_LR (0x80 | 30)

struct table_entry {
	int32_t code, fde; /* relative to the header */
};

/* The mapping of the file's first page: where its ELF header is. */
static const struct mapping *image_of(const struct mappings *maps, uint64_t address)
{
	const struct mapping *m = mappings_find(maps, address);

	if (!m || !m->inode)
		return NULL;
	while (m->offset && m > maps->items && m[-1].inode == m->inode && m[-1].device == m->device)
		m--;
	return m->offset ? NULL : m;
}

static uint64_t unwind_header(const struct memory *m, uint64_t image)
{
	Elf64_Phdr headers[PROGRAM_HEADERS_MAX];
	uint64_t first = UINT64_MAX, header = 0;
	Elf64_Ehdr elf;
	size_t i;

	if (!memory_read(m, image, &elf, sizeof(elf)) || memcmp(elf.e_ident, ELFMAG, SELFMAG) ||
	    elf.e_ident[EI_CLASS] != ELFCLASS64 || elf.e_phentsize != sizeof(Elf64_Phdr) ||
	    elf.e_phnum > PROGRAM_HEADERS_MAX ||
	    !memory_read(m, image + elf.e_phoff, headers, elf.e_phnum * sizeof(Elf64_Phdr)))
		return 0;
	for (i = 0; i < elf.e_phnum; i++) {
		if (headers[i].p_type == PT_LOAD && headers[i].p_vaddr < first)
			first = headers[i].p_vaddr & ~0xfffULL;
		if (headers[i].p_type == PT_GNU_EH_FRAME)
			header = headers[i].p_vaddr;
	}
	return header && first != UINT64_MAX ? image + header - first : 0;
}

/*
 * Is the return address (arm64's register 30) at CFA - 200, which is the frame's second word? The
 * rules are numbers of one byte each: the CFA's offset, the frame pointer's place, and this one's.
 */
static bool has_record_first(const struct memory *m, uint64_t rules)
{
	uint8_t code[16];
	size_t i = 0;

	if (!memory_read(m, rules, code, sizeof(code)))
		return false;
	if (code[i] == DEF_CFA_OFFSET)
		i += code[i + 1] & 0x80 ? 3 : 2;
	if (code[i] == OFFSET_FP)
		i += 2;
	return code[i] == OFFSET_LR && code[i + 1] == 200 / 8;
}

bool code_range_find(const struct memory *m, const struct mappings *maps, uint64_t handler,
		     struct code_range *out)
{
	const struct mapping *image = image_of(maps, handler);
	struct {
		uint32_t form, frame, count;
	} header;
	struct table_entry entry;
	struct {
		uint32_t length, cie;
		int32_t begin;
		uint32_t size;
	} fde;
	uint64_t at, low = 0, high, middle, begin;

	at = image ? unwind_header(m, image->start) : 0;
	if (!at || !memory_read(m, at, &header, sizeof(header)) || header.form != HEADER_FORM)
		return false;
	high = header.count;
	/* The last entry that begins at or before the handler. */
	while (low < high) {
		middle = (low + high) / 2;
		if (!memory_read(m, at + 12 + middle * sizeof(entry), &entry, sizeof(entry)))
			return false;
		if (at + (int64_t)entry.code <= handler)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || !memory_read(m, at + 12 + (low - 1) * sizeof(entry), &entry, sizeof(entry)) ||
	    !memory_read(m, at + (int64_t)entry.fde, &fde, sizeof(fde)))
		return false;
	begin = at + (int64_t)entry.code;
	if (handler - begin >= fde.size || fde.size < CODE_MIN || fde.size > CODE_MAX)
		return false;
	out->start = begin;
	out->end = begin + fde.size;
	/* Behind the length of an augmentation that is empty. */
	out->old_cframe = has_record_first(m, at + (int64_t)entry.fde + sizeof(fde) + 1);
	return true;
}
