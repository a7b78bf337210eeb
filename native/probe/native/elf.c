/* SPDX-License-Identifier: MIT */
#include "native/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/array.h"

enum { MAX_SECTIONS = 8192, SECTIONS_KEPT = 256, SYMBOLS_A_READ = 1024, MAX_PAGE = 65536 };

ssize_t elf_read_fd(void *context, void *out, size_t size, uint64_t offset)
{
	const int *fd = context;
	ssize_t n;

	if (offset > INT64_MAX)
		return 0;
	do {
		n = pread(*fd, out, size, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	return n;
}

static bool read_all(const struct elf_source *source, void *out, size_t size, uint64_t offset)
{
	return source->read(source->context, out, size, offset) == (ssize_t)size;
}

static int read_header(const struct elf_source *source, Elf64_Ehdr *header)
{
	if (!read_all(source, header, sizeof(*header), 0) ||
	    memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_ident[EI_DATA] != ELFDATA2LSB)
		return -ENOEXEC;
	return 0;
}

static void read_segments(const struct elf_source *source, const Elf64_Ehdr *header,
			  struct elf_image *out)
{
	Elf64_Phdr segment;

	out->base = UINT64_MAX;
	if (header->e_phentsize != sizeof(segment))
		return;
	for (unsigned int i = 0; i < header->e_phnum && out->segment_count < ELF_MAX_SEGMENTS;
	     i++) {
		uint64_t at;

		if (__builtin_add_overflow(header->e_phoff, (uint64_t)i * sizeof(segment), &at) ||
		    !read_all(source, &segment, sizeof(segment), at))
			return;
		if (segment.p_type != PT_LOAD)
			continue;
		out->segments[out->segment_count++] =
			(struct elf_segment){segment.p_offset, segment.p_vaddr, segment.p_filesz};
		if (segment.p_vaddr < out->base)
			out->base = segment.p_vaddr;
	}
}

static bool read_section(const struct elf_source *source, const Elf64_Ehdr *header, uint32_t index,
			 Elf64_Shdr *out)
{
	uint64_t at;

	return !__builtin_add_overflow(header->e_shoff, (uint64_t)index * sizeof(*out), &at) &&
	       read_all(source, out, sizeof(*out), at);
}

/* The section with the symbols and the one with their names. */
static bool find_sections(const struct elf_source *source, const Elf64_Ehdr *header,
			  Elf64_Shdr *symbols, Elf64_Shdr *names, bool *exported_only)
{
	uint64_t count = header->e_shnum;
	bool found = false;
	Elf64_Shdr section;

	if (!header->e_shoff || header->e_shentsize != sizeof(section))
		return false;
	/* More sections than 16 bits can count: the first one holds their number. */
	if (!count && read_section(source, header, 0, &section))
		count = section.sh_size;
	for (uint32_t i = 0; i < count && i < MAX_SECTIONS; i++) {
		if (!read_section(source, header, i, &section))
			break;
		if (section.sh_type == SHT_SYMTAB || (section.sh_type == SHT_DYNSYM && !found)) {
			*symbols = section;
			*exported_only = section.sh_type == SHT_DYNSYM;
			found = true;
			if (!*exported_only)
				break;
		}
	}
	return found && symbols->sh_entsize == sizeof(Elf64_Sym) && symbols->sh_link < count &&
	       read_section(source, header, symbols->sh_link, names) &&
	       names->sh_type == SHT_STRTAB;
}

static bool is_function(const Elf64_Sym *symbol)
{
	unsigned int type = ELF64_ST_TYPE(symbol->st_info);

	if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE || !symbol->st_value)
		return false;
	/* Assembly often has labels without a type; local ones are the compiler's own marks. */
	return type == STT_FUNC || type == STT_GNU_IFUNC ||
	       (type == STT_NOTYPE && ELF64_ST_BIND(symbol->st_info) != STB_LOCAL);
}

static void take_symbol(struct elf_image *out, const Elf64_Sym *symbol)
{
	uint64_t address = symbol->st_value - out->base;

	if (!is_function(symbol) || symbol->st_value < out->base || address > UINT32_MAX ||
	    symbol->st_name >= out->names_size)
		return;
	out->symbols[out->symbol_count++] = (struct elf_symbol){
		(uint32_t)address,
		symbol->st_size > UINT32_MAX ? UINT32_MAX : (uint32_t)symbol->st_size,
		symbol->st_name,
	};
}

/*
 * A symbol that assembly gives no end reaches to the next one, but not beyond its section: _init
 * has its own, and the stubs of .plt behind it are none of it.
 */
static void end_unsized(const struct elf_source *source, const Elf64_Ehdr *header,
			struct elf_image *out)
{
	static Elf64_Shdr sections[SECTIONS_KEPT];
	size_t count = header->e_shnum < SECTIONS_KEPT ? header->e_shnum : SECTIONS_KEPT;
	uint64_t at, end;

	if (!read_all(source, sections, count * sizeof(*sections), header->e_shoff))
		return;
	for (size_t i = 0; i < out->symbol_count; i++) {
		if (out->symbols[i].size)
			continue;
		at = out->base + out->symbols[i].address;
		end = 0;
		for (size_t k = 0; k < count && !end; k++)
			if ((sections[k].sh_flags & SHF_EXECINSTR) &&
			    at - sections[k].sh_addr < sections[k].sh_size)
				end = sections[k].sh_addr + sections[k].sh_size;
		for (size_t k = i + 1; k < out->symbol_count && end; k++) {
			if (out->symbols[k].address == out->symbols[i].address)
				continue;
			if (out->base + out->symbols[k].address < end)
				end = out->base + out->symbols[k].address;
			break;
		}
		if (end > at && end - at <= UINT32_MAX)
			out->symbols[i].size = (uint32_t)(end - at);
	}
}

/* Larger ones first, so that of two at one address the enclosing one is met first. */
static int by_address(const void *a, const void *b)
{
	const struct elf_symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	return x->size > y->size ? -1 : x->size < y->size;
}

static int read_symbols(const struct elf_source *source, const Elf64_Shdr *section,
			struct elf_image *out)
{
	uint64_t count = section->sh_size / sizeof(Elf64_Sym);
	Elf64_Sym *buffer = malloc(SYMBOLS_A_READ * sizeof(*buffer));
	struct elf_symbol *shrunk;
	size_t capacity = 0;
	int result = 0;

	if (count > ELF_MAX_SYMBOLS)
		count = ELF_MAX_SYMBOLS;
	for (uint64_t done = 0; buffer && done < count;) {
		uint64_t wanted = count - done < SYMBOLS_A_READ ? count - done : SYMBOLS_A_READ, at;
		ssize_t n;

		if (__builtin_add_overflow(section->sh_offset, done * sizeof(*buffer), &at))
			break;
		n = source->read(source->context, buffer, wanted * sizeof(*buffer), at);
		n = n < 0 ? 0 : n / (ssize_t)sizeof(*buffer);
		if (!n)
			break;
		/* By what the file really holds, not by what its header claims. */
		if (!array_reserve(out->symbols, capacity, out->symbol_count + (size_t)n,
				   SYMBOLS_A_READ)) {
			result = -ENOMEM;
			break;
		}
		for (ssize_t i = 0; i < n; i++)
			take_symbol(out, &buffer[i]);
		done += (uint64_t)n;
	}
	if (!buffer)
		result = -ENOMEM;
	free(buffer);
	if (out->symbol_count) {
		shrunk = realloc(out->symbols, out->symbol_count * sizeof(*out->symbols));
		out->symbols = shrunk ? shrunk : out->symbols;
		qsort(out->symbols, out->symbol_count, sizeof(*out->symbols), by_address);
	}
	return result;
}

int elf_load(const struct elf_source *source, struct elf_image *out)
{
	Elf64_Shdr symbols, names;
	Elf64_Ehdr header;
	int result;

	memset(out, 0, sizeof(*out));
	result = read_header(source, &header);
	if (result)
		return result;
	read_segments(source, &header, out);
	if (!out->segment_count ||
	    !find_sections(source, &header, &symbols, &names, &out->exported_only))
		return 0;
	out->names_offset = names.sh_offset;
	out->names_size = names.sh_size;
	result = read_symbols(source, &symbols, out);
	if (!out->exported_only)
		end_unsized(source, &header, out);
	if (result)
		elf_free(out);
	return result;
}

void elf_free(struct elf_image *image)
{
	free(image->symbols);
	image->symbols = NULL;
	image->symbol_count = 0;
}

bool elf_address_of_offset(const struct elf_image *image, uint64_t offset, uint64_t *address)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		/* Mapped by whole pages: a little of what stands before it in the file comes along.
		 */
		if (offset - s->offset >= s->file_size && s->offset - offset >= MAX_PAGE)
			continue;
		*address = s->address + (offset - s->offset);
		return true;
	}
	return false;
}

static bool has_name(const struct elf_source *source, const Elf64_Shdr *names, uint32_t at,
		     const char *name)
{
	char text[64];
	size_t length = strlen(name) + 1;
	uint64_t offset;

	return length <= sizeof(text) && at < names->sh_size &&
	       !__builtin_add_overflow(names->sh_offset, (uint64_t)at, &offset) &&
	       read_all(source, text, length, offset) && !memcmp(text, name, length);
}

uint64_t elf_variable(const struct elf_source *source, const char *name, uint64_t *base)
{
	Elf64_Sym *symbols = malloc(SYMBOLS_A_READ * sizeof(*symbols));
	Elf64_Shdr section, names;
	struct elf_image image = {0};
	uint64_t found = 0, at = 0;
	Elf64_Ehdr header;
	bool exported;
	ssize_t n;

	if (!symbols || read_header(source, &header) ||
	    !find_sections(source, &header, &section, &names, &exported))
		goto out;
	read_segments(source, &header, &image);
	*base = image.base;
	while (!found && at < section.sh_size && at / sizeof(*symbols) < ELF_MAX_SYMBOLS) {
		n = source->read(source->context, symbols, SYMBOLS_A_READ * sizeof(*symbols),
				 section.sh_offset + at) /
		    (ssize_t)sizeof(*symbols);
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n && !found; i++) {
			const Elf64_Sym *s = &symbols[i];

			if (ELF64_ST_TYPE(s->st_info) == STT_OBJECT && s->st_size == 8 &&
			    ELF64_ST_BIND(s->st_info) != STB_LOCAL && s->st_shndx != SHN_UNDEF &&
			    has_name(source, &names, s->st_name, name))
				found = s->st_value;
		}
		at += (uint64_t)n * sizeof(*symbols);
	}
out:
	free(symbols);
	return found;
}
