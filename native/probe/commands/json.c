/* SPDX-License-Identifier: MIT */
#include "commands/json.h"

#include "model/utf8.h"

#include <string.h>

void json_text(FILE *out, const char *text, size_t length)
{
	fputc('"', out);
	for (size_t i = 0; i < length;) {
		unsigned char c = (unsigned char)text[i];
		size_t size = utf8_sequence(text + i, length - i);

		if (!size)
			fputs("\xef\xbf\xbd", out);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			fwrite(text + i, 1, size, out);
		i += size ? size : 1;
	}
	fputc('"', out);
}

void json_member(FILE *out, const char *key, const char *text)
{
	fprintf(out, "\"%s\":", key);
	json_text(out, text, strlen(text));
}
