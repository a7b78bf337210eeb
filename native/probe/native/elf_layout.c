/* SPDX-License-Identifier: MIT */
#include "native/elf_layout.h"

#include <elf.h>
#include <string.h>
#include <unistd.h>

#define SECTIONS_MAX 4096
#define NOTES_MAX 4096
#define PAGE_MAX 65536
/* No file is larger; sums of offsets below it do not overflow. */
#define OFFSET_MAX (1ULL << 48)

bool elf_read_exactly(const struct elf_source *s, uint64_t offset, void *out, size_t size)
{
	ssize_t got;

	for (size_t done = 0; done < size; done += (size_t)got) {
		got = s->read(s->context, (char *)out + done, size - done, offset + done);
		if (got <= 0 || (size_t)got > size - done)
			return false;
	}
	return true;
}

static size_t aligned(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void read_build_id(const struct elf_source *s, uint64_t offset, uint64_t length,
			  struct elf_layout *out)
{
	uint8_t notes[NOTES_MAX];
	size_t size = length < NOTES_MAX ? length : NOTES_MAX, at = 0, name, desc;
	Elf64_Nhdr note;

	if (offset > OFFSET_MAX || !elf_read_exactly(s, offset, notes, size))
		return;
	while (size - at >= sizeof(note)) {
		memcpy(&note, notes + at, sizeof(note));
		at += sizeof(note);
		name = aligned(note.n_namesz);
		desc = aligned(note.n_descsz);
		if (note.n_namesz > size || note.n_descsz > size || name > size - at ||
		    desc > size - at - name)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    !memcmp(notes + at, "GNU", 4) && note.n_descsz <= LAYOUT_BUILD_ID_MAX) {
			memcpy(out->build_id, notes + at + name, note.n_descsz);
			out->build_id_size = note.n_descsz;
			return;
		}
		at += name + desc;
	}
}

static void add_segment(struct elf_layout *out, const Elf64_Phdr *ph)
{
	if (out->segment_count == LAYOUT_SEGMENTS_MAX)
		return;
	if (out->segment_count == 0 || ph->p_vaddr < out->low)
		out->low = ph->p_vaddr;
	out->segments[out->segment_count++] =
		(struct layout_segment){.offset = ph->p_offset,
					.address = ph->p_vaddr,
					.file_size = ph->p_filesz,
					.executable = ph->p_flags & PF_X};
}

static bool segments(const struct elf_source *s, const Elf64_Ehdr *eh, struct elf_layout *out,
		     Elf64_Phdr *header)
{
	Elf64_Phdr ph;

	if (eh->e_phentsize != sizeof(ph) || eh->e_phoff > OFFSET_MAX)
		return false;
	for (size_t i = 0; i < eh->e_phnum; i++) {
		if (!elf_read_exactly(s, eh->e_phoff + i * sizeof(ph), &ph, sizeof(ph)))
			return false;
		if (ph.p_type == PT_LOAD)
			add_segment(out, &ph);
		else if (ph.p_type == PT_NOTE && !out->build_id_size)
			read_build_id(s, ph.p_offset, ph.p_filesz, out);
		else if (ph.p_type == PT_GNU_EH_FRAME)
			*header = ph;
	}
	return out->segment_count > 0;
}

static void sections(const struct elf_source *s, const Elf64_Ehdr *eh, struct elf_layout *out)
{
	Elf64_Shdr sh, names;
	char name[16];
	struct elf_part part;

	if (eh->e_shentsize != sizeof(sh) || eh->e_shoff > OFFSET_MAX ||
	    eh->e_shnum > SECTIONS_MAX || eh->e_shstrndx >= eh->e_shnum ||
	    !elf_read_exactly(s, eh->e_shoff + eh->e_shstrndx * sizeof(sh), &names, sizeof(names)))
		return;
	for (size_t i = 0; i < eh->e_shnum; i++) {
		if (!elf_read_exactly(s, eh->e_shoff + i * sizeof(sh), &sh, sizeof(sh)))
			return;
		if (sh.sh_type == SHT_NOBITS || sh.sh_flags & SHF_COMPRESSED ||
		    sh.sh_name > names.sh_size || names.sh_offset > OFFSET_MAX ||
		    !elf_read_exactly(s, names.sh_offset + sh.sh_name, name, sizeof(name)))
			continue;
		part = (struct elf_part){
			.offset = sh.sh_offset, .address = sh.sh_addr, .size = sh.sh_size};
		if (!strncmp(name, ".eh_frame", sizeof(name)))
			out->eh_frame = part;
		else if (!strncmp(name, ".debug_frame", sizeof(name)))
			out->debug_frame = part;
		else if (!strncmp(name, ".gnu_debuglink", sizeof(name)))
			out->debug_link = part;
		/* In a file of symbols alone the segments lead nowhere. */
		if (sh.sh_type == SHT_NOTE && !out->build_id_size)
			read_build_id(s, sh.sh_offset, sh.sh_size, out);
	}
}

/*
 * Without section headers the header of .eh_frame leads to it: version 1, three encodings, the
 * address. Its size is then that of the rest of the segment; the section ends itself.
 */
static void eh_frame_by_header(const struct elf_source *s, const Elf64_Phdr *ph,
			       struct elf_layout *out)
{
	uint8_t head[8];
	int32_t relative;
	uint64_t address;

	if (ph->p_type != PT_GNU_EH_FRAME ||
	    !elf_read_exactly(s, ph->p_offset, head, sizeof(head)) || head[0] != 1 ||
	    head[1] != 0x1b)
		return;
	memcpy(&relative, head + 4, sizeof(relative));
	address = ph->p_vaddr + 4 + (uint64_t)(int64_t)relative;
	for (size_t i = 0; i < out->segment_count; i++) {
		const struct layout_segment *g = &out->segments[i];

		if (address >= g->address && address - g->address < g->file_size)
			out->eh_frame =
				(struct elf_part){.offset = g->offset + (address - g->address),
						  .address = address,
						  .size = g->file_size - (address - g->address)};
	}
}

bool elf_layout_read(const struct elf_source *s, struct elf_layout *out)
{
	Elf64_Ehdr eh;
	Elf64_Phdr header = {0};

	memset(out, 0, sizeof(*out));
	if (!elf_read_exactly(s, 0, &eh, sizeof(eh)) || memcmp(eh.e_ident, ELFMAG, SELFMAG) ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_ident[EI_DATA] != ELFDATA2LSB ||
	    (eh.e_machine != EM_X86_64 && eh.e_machine != EM_AARCH64))
		return false;
	out->machine = eh.e_machine;
	if (!segments(s, &eh, out, &header))
		return false;
	sections(s, &eh, out);
	if (!out->eh_frame.size)
		eh_frame_by_header(s, &header, out);
	return true;
}

bool elf_layout_address(const struct elf_layout *layout, uint64_t offset, uint64_t *address)
{
	for (size_t i = 0; i < layout->segment_count; i++) {
		const struct layout_segment *g = &layout->segments[i];

		if (!g->executable || offset + PAGE_MAX <= g->offset ||
		    (offset > g->offset && offset - g->offset >= g->file_size))
			continue;
		*address = g->address + (offset - g->offset);
		return true;
	}
	return false;
}
