/* SPDX-License-Identifier: MIT */
/* Files, to what names code by them. */
#include "bytes.h"

/* Its parser is its own: nothing else calls it. */
#include "native/debug_file.c"

#include <errno.h>

#include "native/elf_code.h"

/* No file is there. The path has to be one all the same. */
int target_open(pid_t pid, const char *path, struct stat *out)
{
	(void)pid;
	(void)out;
	if (strlen(path) >= DEBUG_FILE_PATH || path[0] != '/')
		__builtin_trap();
	return -ENOENT;
}

static void read_code(const struct elf_source *source, const uint8_t *last)
{
	char name[ELF_MAX_NAME];
	struct elf_code code;
	uint64_t address;

	if (!elf_code_read(source, &code))
		return;
	memcpy(&address, last, sizeof(address));
	elf_function_start(source, &code, address);
	for (size_t i = 0; i < code.stub_count; i++)
		if (elf_stub_name(source, &code, code.stubs[i].address + (address & 0xfff),
				  name) >= sizeof(name))
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = {data, size};
	struct elf_source source = {bytes_read, &bytes};
	const struct elf_symbol *symbol;
	char name[ELF_MAX_NAME];
	struct elf_image image;
	char found[DEBUG_FILE_PATH];
	uint64_t address = 0;
	bool approximate;

	debug_file_open(1, &source, "/usr/lib/libluajit-5.1.so.2", found);
	if (size < 16 || elf_load(&source, &image))
		return 0;
	for (size_t i = 0; i < 8; i++) {
		memcpy(&address, data + size - 8 - i, 8);
		elf_address_of_offset(&image, address, &address);
		symbol = elf_find(&image, i & 1 ? address : image.base + address % (1 << 20),
				  &approximate);
		if (symbol && elf_name(&source, &image, symbol, name) >= sizeof(name))
			__builtin_trap();
	}
	read_code(&source, data + size - 8);
	elf_variable(&source, "ngx_stat_requests0", &address);
	elf_function(&source, &image, "lua_close");
	elf_free(&image);
	return 0;
}
