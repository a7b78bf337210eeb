/* SPDX-License-Identifier: MIT */
/* modules: native/elf.c native/elf_lookup.c */
#include "check.h"

#include "native/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct bytes {
	unsigned char *data;
	size_t size;
};

static ssize_t read_bytes(void *context, void *out, size_t size, uint64_t offset)
{
	const struct bytes *bytes = context;

	if (offset >= bytes->size)
		return 0;
	if (size > bytes->size - offset)
		size = bytes->size - offset;
	memcpy(out, bytes->data + offset, size);
	return (ssize_t)size;
}

static struct elf_source source_of(struct bytes *bytes)
{
	return (struct elf_source){read_bytes, bytes};
}

/* A file with one segment of code at 0x1000 and the symbols below. */
static struct bytes small_file(void)
{
	static const char names[] = "\0alpha\0__alpha\0beta\0local";
	enum { SYMBOLS_AT = 0x400, NAMES_AT = 0x600, SECTIONS_AT = 0x800, SIZE = 0x1000 };
	const Elf64_Sym symbols[] = {
		{0},
		{7, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1, 0x1100, 0x40},  /* __alpha */
		{1, ELF64_ST_INFO(STB_WEAK, STT_FUNC), 0, 1, 0x1100, 0x40},    /* alpha */
		{15, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1, 0x1200, 0x20}, /* beta */
		{20, ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE), 0, 1, 0x1210, 0},   /* a mark */
		{15, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1, 0x1300, 8},  /* data */
	};
	const Elf64_Shdr sections[] = {
		{0},
		{.sh_type = SHT_SYMTAB,
		 .sh_offset = SYMBOLS_AT,
		 .sh_size = sizeof(symbols),
		 .sh_link = 2,
		 .sh_entsize = sizeof(Elf64_Sym)},
		{.sh_type = SHT_STRTAB, .sh_offset = NAMES_AT, .sh_size = sizeof(names)},
	};
	const Elf64_Phdr segment = {.p_type = PT_LOAD,
				    .p_flags = PF_R | PF_X,
				    .p_offset = 0x100,
				    .p_vaddr = 0x1100,
				    .p_filesz = 0x800};
	Elf64_Ehdr header = {.e_type = ET_DYN,
			     .e_phoff = sizeof(header),
			     .e_phentsize = sizeof(segment),
			     .e_phnum = 1,
			     .e_shoff = SECTIONS_AT,
			     .e_shentsize = sizeof(sections[0]),
			     .e_shnum = 3};
	struct bytes file = {calloc(1, SIZE), SIZE};

	CHECK(file.data);
	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(file.data, &header, sizeof(header));
	memcpy(file.data + sizeof(header), &segment, sizeof(segment));
	memcpy(file.data + SYMBOLS_AT, symbols, sizeof(symbols));
	memcpy(file.data + NAMES_AT, names, sizeof(names));
	memcpy(file.data + SECTIONS_AT, sections, sizeof(sections));
	return file;
}

static void names_functions(void)
{
	struct bytes file = small_file();
	struct elf_source source = source_of(&file);
	char name[ELF_MAX_NAME];
	struct elf_image image;
	bool approximate;
	uint64_t address;

	CHECK(!elf_load(&source, &image) && image.symbol_count == 3 && !image.exported_only);
	CHECK(elf_address_of_offset(&image, 0x110, &address) && address == 0x1110);
	CHECK(elf_name(&source, &image, elf_find(&image, 0x1105, &approximate), name) == 5);
	CHECK_TEXT(name, "alpha");
	CHECK(!approximate);
	elf_name(&source, &image, elf_find(&image, 0x1215, &approximate), name);
	CHECK_TEXT(name, "beta");
	CHECK(!approximate);
	/* Behind its end: named, and said to be a guess. */
	CHECK(elf_find(&image, 0x1260, &approximate) && approximate);
	CHECK(!elf_find(&image, 0x10ff, &approximate));
	CHECK(elf_function(&source, &image, "beta") == 0x1200);
	CHECK(elf_function(&source, &image, "gamma") == 0);
	elf_free(&image);
	free(file.data);
}

static void use_all(struct bytes *file)
{
	struct elf_source source = source_of(file);
	struct elf_image image;
	char name[ELF_MAX_NAME];
	uint64_t address = 0;
	bool approximate;

	if (elf_load(&source, &image))
		return;
	for (uint64_t offset = 0; offset < 0x2000; offset += 0x91) {
		const struct elf_symbol *symbol;

		if (!elf_address_of_offset(&image, offset, &address))
			continue;
		symbol = elf_find(&image, address, &approximate);
		if (symbol)
			elf_name(&source, &image, symbol, name);
	}
	elf_function(&source, &image, "beta");
	elf_free(&image);
}

/* Every cut, and random damage to the parts that are believed; the sanitizers judge. */
static void survives_hostile_files(void)
{
	struct bytes file = small_file(), damaged = {malloc(file.size), file.size};
	static const uint64_t evil[] = {0, 1, 0x7f, 0xffff, 0xffffffff, UINT64_MAX, INT64_MAX};

	CHECK(damaged.data);
	srand(1);
	for (size_t size = 0; size < file.size; size += 3) {
		struct bytes cut = {file.data, size};

		use_all(&cut);
	}
	for (int round = 0; round < 20000; round++) {
		memcpy(damaged.data, file.data, file.size);
		for (int i = 0; i < 1 + rand() % 4; i++) {
			static const size_t parts[] = {0, 0x400, 0x800, 0x600};
			size_t at = parts[rand() % 4] + (size_t)rand() % 0xc0;

			memcpy(damaged.data + at, &evil[rand() % 7], 1u << rand() % 4);
		}
		use_all(&damaged);
	}
	free(file.data);
	free(damaged.data);
}

extern void __attribute__((noinline)) known_function(void);
void known_function(void)
{
	__asm__ volatile("");
}

static void reads_this_very_program(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	struct elf_source source = {elf_read_fd, &fd};
	char name[ELF_MAX_NAME];
	struct elf_image image;
	bool approximate;
	uint64_t address;

	CHECK(fd >= 0 && !elf_load(&source, &image));
	address = elf_function(&source, &image, "known_function");
	CHECK(address);
	elf_name(&source, &image, elf_find(&image, address, &approximate), name);
	CHECK_TEXT(name, "known_function");
	elf_free(&image);
	close(fd);
}

static void refuses_what_is_no_elf_file(void)
{
	struct bytes nothing = {(unsigned char *)"#!/bin/sh\n", 10};
	struct elf_source source = source_of(&nothing);
	struct elf_image image;

	CHECK(elf_load(&source, &image) == -ENOEXEC);
}

int main(void)
{
	RUN(refuses_what_is_no_elf_file());
	RUN(names_functions());
	RUN(survives_hostile_files());
	RUN(reads_this_very_program());
	return CHECKS_RESULT;
}
