/* SPDX-License-Identifier: MIT */
#include "model/utf8.h"

#include <string.h>

static const char replacement[3] = {'\xef', '\xbf', '\xbd'};

size_t utf8_sequence(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t size;

	if (p[0] < 0x80)
		return p[0] ? 1 : 0;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		size = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		size = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		size = 4;
	else
		return 0;
	if (size > length)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Too long a form, a surrogate, or above U+10FFFF. */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return size;
}

size_t utf8_clean_length(const char *text, size_t length)
{
	size_t total = 0;

	while (length) {
		size_t size = utf8_sequence(text, length);

		total += size ? size : sizeof(replacement);
		size = size ? size : 1;
		text += size;
		length -= size;
	}
	return total;
}

char *utf8_clean(const char *text, size_t length, char *out)
{
	while (length) {
		size_t size = utf8_sequence(text, length);

		if (size) {
			memcpy(out, text, size);
			out += size;
		} else {
			memcpy(out, replacement, sizeof(replacement));
			out += sizeof(replacement);
			size = 1;
		}
		text += size;
		length -= size;
	}
	return out;
}

size_t utf8_cut(const char *text, size_t length, size_t limit)
{
	if (length <= limit)
		return length;
	for (size_t back = 1; back <= 3 && back <= limit; back++) {
		size_t size = utf8_sequence(text + limit - back, length - (limit - back));

		if (size)
			return size > back ? limit - back : limit;
	}
	return limit;
}
