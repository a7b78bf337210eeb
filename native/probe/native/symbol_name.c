/* SPDX-License-Identifier: MIT */
#include "native/symbols.h"

#include <string.h>

/* ".part.0", ".cold": the length of one such ending; 0: there is none. */
static size_t part_ending(const char *name, size_t length)
{
	static const char *const endings[] = {".part", ".isra", ".constprop", ".cold", ".llvm"};
	size_t digits = 0, size;

	while (digits < length && name[length - 1 - digits] >= '0' &&
	       name[length - 1 - digits] <= '9')
		digits++;
	if (digits && digits < length && name[length - 1 - digits] == '.')
		digits++;
	else
		digits = 0;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size = strlen(endings[i]);
		if (length > size + digits &&
		    !memcmp(name + length - digits - size, endings[i], size) &&
		    (digits || !strcmp(endings[i], ".cold")))
			return size + digits;
	}
	return 0;
}

size_t symbol_whole(const char *name, size_t length)
{
	size_t ending;

	while ((ending = part_ending(name, length)))
		length -= ending;
	return length;
}
