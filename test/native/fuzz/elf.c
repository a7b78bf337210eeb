/* SPDX-License-Identifier: MIT */
/* Files, to what names code by them. */
#include "bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes bytes = {data, size};
	struct elf_source source = {bytes_read, &bytes};
	const struct elf_symbol *symbol;
	char name[ELF_MAX_NAME];
	struct elf_image image;
	uint64_t address = 0;
	bool approximate;

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
	elf_function(&source, &image, "lua_close");
	elf_free(&image);
	return 0;
}
