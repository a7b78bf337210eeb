/* SPDX-License-Identifier: MIT */
#include "native/elf_code.h"

#include <elf.h>
#include <string.h>

#include "native/elf_layout.h"

enum {
	MAX_SECTIONS = 4096,
	MAX_RELOCATIONS = 1 << 16,
	RELOCATIONS_A_READ = 256,
	STUB_MAX = 32,
	/* Of .eh_frame_hdr: version and encodings, .eh_frame's address, the count. */
	TABLE_HEAD = 12,
	TABLE_ENTRY = 8,
	/* pcrel | sdata4, udata4, datarel | sdata4: as every linker writes it. */
	ENCODED_FRAME = 0x1b,
	ENCODED_COUNT = 0x03,
	ENCODED_TABLE = 0x3b,
};

#define OFFSET_MAX (1ULL << 48)

/* ---- sections ----------------------------------------------------------------------------------
 */

static struct elf_range range_of(const Elf64_Shdr *sh)
{
	return (struct elf_range){sh->sh_offset, sh->sh_addr, sh->sh_size,
				  sh->sh_entsize > STUB_MAX ? 0 : (uint32_t)sh->sh_entsize};
}

static void take_section(struct elf_code *out, const Elf64_Shdr *sh, const char *name)
{
	if (sh->sh_type == SHT_RELA && out->relocation_count < ELF_RELOCATIONS)
		out->relocations[out->relocation_count++] = range_of(sh);
	else if (sh->sh_type == SHT_DYNSYM)
		out->symbols = range_of(sh);
	else if (sh->sh_type == SHT_STRTAB && !strcmp(name, ".dynstr"))
		out->names = range_of(sh);
	else if (sh->sh_type == SHT_PROGBITS && sh->sh_addr &&
		 (!strncmp(name, ".plt", 4) || !strcmp(name, ".iplt")) &&
		 out->stub_count < ELF_STUB_SECTIONS)
		out->stubs[out->stub_count++] = range_of(sh);
}

static void read_sections(const struct elf_source *s, const Elf64_Ehdr *eh, struct elf_code *out)
{
	Elf64_Shdr sh, names;
	char name[16];

	if (eh->e_shentsize != sizeof(sh) || eh->e_shoff > OFFSET_MAX ||
	    eh->e_shnum > MAX_SECTIONS || eh->e_shstrndx >= eh->e_shnum ||
	    !elf_read_exactly(s, eh->e_shoff + eh->e_shstrndx * sizeof(sh), &names, sizeof(names)))
		return;
	for (size_t i = 0; i < eh->e_shnum; i++) {
		if (!elf_read_exactly(s, eh->e_shoff + i * sizeof(sh), &sh, sizeof(sh)))
			return;
		if (sh.sh_name > names.sh_size || names.sh_offset > OFFSET_MAX ||
		    sh.sh_offset > OFFSET_MAX || sh.sh_size > OFFSET_MAX ||
		    s->read(s->context, name, sizeof(name) - 1, names.sh_offset + sh.sh_name) <= 0)
			continue;
		name[sizeof(name) - 1] = '\0';
		take_section(out, &sh, name);
	}
}

static void read_frames(const struct elf_source *s, const Elf64_Ehdr *eh, struct elf_code *out)
{
	uint8_t head[TABLE_HEAD];
	Elf64_Phdr ph;
	uint32_t count;

	if (eh->e_phentsize != sizeof(ph) || eh->e_phoff > OFFSET_MAX)
		return;
	for (size_t i = 0; i < eh->e_phnum; i++) {
		if (!elf_read_exactly(s, eh->e_phoff + i * sizeof(ph), &ph, sizeof(ph)))
			return;
		if (ph.p_type != PT_GNU_EH_FRAME || ph.p_offset > OFFSET_MAX ||
		    !elf_read_exactly(s, ph.p_offset, head, sizeof(head)) || head[0] != 1 ||
		    head[1] != ENCODED_FRAME || head[2] != ENCODED_COUNT ||
		    head[3] != ENCODED_TABLE)
			continue;
		memcpy(&count, head + 8, sizeof(count));
		out->frames = (struct elf_range){ph.p_offset, ph.p_vaddr,
						 TABLE_HEAD + (uint64_t)count * TABLE_ENTRY, 0};
	}
}

bool elf_code_read(const struct elf_source *source, struct elf_code *out)
{
	Elf64_Ehdr eh;

	memset(out, 0, sizeof(*out));
	if (!elf_read_exactly(source, 0, &eh, sizeof(eh)) || memcmp(eh.e_ident, ELFMAG, SELFMAG) ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_ident[EI_DATA] != ELFDATA2LSB)
		return false;
	out->machine = eh.e_machine;
	read_sections(source, &eh, out);
	read_frames(source, &eh, out);
	return true;
}

/* ---- stubs -------------------------------------------------------------------------------------
 */

static const struct elf_range *stubs_at(const struct elf_code *code, uint64_t address)
{
	for (size_t i = 0; i < code->stub_count; i++)
		if (address - code->stubs[i].address < code->stubs[i].size)
			return &code->stubs[i];
	return NULL;
}

bool elf_is_stub(const struct elf_code *code, uint64_t address)
{
	return stubs_at(code, address) != NULL;
}

/* jmp *slot(%rip), with or without the marks for branch tracking; or push of the index. */
static bool decode_x86(const uint8_t *stub, size_t size, uint64_t at, uint64_t *slot,
		       uint32_t *index)
{
	int32_t distance;

	for (size_t i = 0; i + 6 <= size; i++) {
		if (stub[i] == 0xff && stub[i + 1] == 0x25) {
			memcpy(&distance, stub + i + 2, sizeof(distance));
			*slot = at + i + 6 + (uint64_t)(int64_t)distance;
			return true;
		}
		if (stub[i] == 0x68) {
			memcpy(index, stub + i + 1, sizeof(*index));
			*slot = 0;
			return true;
		}
	}
	return false;
}

/* adrp x16, page; ldr x17, [x16, #offset] */
static bool decode_arm64(const uint8_t *stub, size_t size, uint64_t at, uint64_t *slot)
{
	uint32_t page, load;
	int64_t pages;

	for (size_t i = 0; i + 8 <= size; i += 4) {
		memcpy(&page, stub + i, sizeof(page));
		memcpy(&load, stub + i + 4, sizeof(load));
		if ((page & 0x9f00001f) != 0x90000010 || (load & 0xffc003ff) != 0xf9400211)
			continue;
		pages = (int64_t)((uint64_t)((page >> 5 & 0x7ffff) << 2 | (page >> 29 & 3))
				  << 43) >>
			43;
		*slot = ((at + i) & ~0xfffULL) + (uint64_t)pages * 4096 + (load >> 10 & 0xfff) * 8;
		return true;
	}
	return false;
}

/* The relocation of a slot, or the one of this index where the slot is 0. */
static bool find_relocation(const struct elf_source *source, const struct elf_range *section,
			    uint64_t slot, uint32_t index, Elf64_Rela *out)
{
	static Elf64_Rela buffer[RELOCATIONS_A_READ];
	uint64_t count = section->size / sizeof(*buffer);
	ssize_t n;

	if (count > MAX_RELOCATIONS)
		count = MAX_RELOCATIONS;
	if (!slot)
		return index < count &&
		       elf_read_exactly(source, section->offset + index * sizeof(*out), out,
					sizeof(*out));
	for (uint64_t done = 0; done < count; done += (uint64_t)n) {
		n = source->read(source->context, buffer, sizeof(buffer),
				 section->offset + done * sizeof(*buffer)) /
		    (ssize_t)sizeof(*buffer);
		if (n <= 0)
			return false;
		for (ssize_t i = 0; i < n && done + (uint64_t)i < count; i++) {
			if (buffer[i].r_offset != slot)
				continue;
			*out = buffer[i];
			return true;
		}
	}
	return false;
}

static size_t symbol_name(const struct elf_source *source, const struct elf_code *code,
			  uint64_t index, char name[ELF_MAX_NAME])
{
	static const char suffix[] = "@plt";
	Elf64_Sym symbol;
	ssize_t n;
	size_t length;

	if (!index || index >= code->symbols.size / sizeof(symbol) ||
	    !elf_read_exactly(source, code->symbols.offset + index * sizeof(symbol), &symbol,
			      sizeof(symbol)) ||
	    symbol.st_name >= code->names.size)
		return 0;
	n = source->read(source->context, name, ELF_MAX_NAME - sizeof(suffix),
			 code->names.offset + symbol.st_name);
	if (n <= 0)
		return 0;
	name[n] = '\0';
	length = strcspn(name, "@");
	memcpy(name + length, suffix, sizeof(suffix));
	return length ? length + sizeof(suffix) - 1 : 0;
}

size_t elf_stub_name(const struct elf_source *source, const struct elf_code *code, uint64_t address,
		     char name[ELF_MAX_NAME])
{
	const struct elf_range *section = stubs_at(code, address);
	uint32_t size, index = 0, first = 0;
	uint8_t stub[STUB_MAX];
	uint64_t at, slot;
	Elf64_Rela relocation;
	bool decoded;

	if (!section)
		return 0;
	size = section->entry >= 8 ? section->entry : 16;
	/* On arm64 the resolver comes first, in 32 bytes. */
	if (code->machine == EM_AARCH64)
		first = section->entry == 24 ? 16 : 0;
	at = address - (address - section->address + first) % size;
	if (!elf_read_exactly(source, section->offset + (at - section->address), stub, size))
		return 0;
	decoded = code->machine == EM_AARCH64 ? decode_arm64(stub, size, at, &slot)
					      : decode_x86(stub, size, at, &slot, &index);
	for (size_t i = code->relocation_count; decoded && i-- > 0;)
		if (find_relocation(source, &code->relocations[i], slot, index, &relocation))
			return symbol_name(source, code, ELF64_R_SYM(relocation.r_info), name);
	return 0;
}

/* ---- functions ---------------------------------------------------------------------------------
 */

struct frame_entry {
	int32_t start, description;
};

static bool entry_at(const struct elf_source *source, const struct elf_code *code, uint64_t index,
		     struct frame_entry *out)
{
	return elf_read_exactly(source, code->frames.offset + TABLE_HEAD + index * TABLE_ENTRY, out,
				sizeof(*out));
}

uint64_t elf_function_start(const struct elf_source *source, const struct elf_code *code,
			    uint64_t address)
{
	uint64_t base = code->frames.address, low = 0, start, description;
	uint64_t high = code->frames.size ? (code->frames.size - TABLE_HEAD) / TABLE_ENTRY : 0;
	struct frame_entry entry;
	uint32_t length;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (!entry_at(source, code, middle, &entry))
			return 0;
		if (base + (uint64_t)(int64_t)entry.start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || !entry_at(source, code, low - 1, &entry))
		return 0;
	start = base + (uint64_t)(int64_t)entry.start;
	/* The description stands in the same segment: its length, its kind, where it begins, and
	 * of how much it is, in four bytes each. */
	description = code->frames.offset + (uint64_t)(int64_t)entry.description;
	return elf_read_exactly(source, description + 12, &length, sizeof(length)) &&
			       address - start < length
		       ? start
		       : 0;
}
