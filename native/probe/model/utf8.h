/* SPDX-License-Identifier: MIT */
/*
 * Text from a target may be any bytes; protobuf and JSON want UTF-8. Each byte that is not valid
 * UTF-8, and NUL, becomes a U+FFFD.
 */
#ifndef ACUPOINT_UTF8_H
#define ACUPOINT_UTF8_H

#include <stddef.h>

/* Length in bytes of the valid sequence at text[0], or 0 if there is none. length > 0. */
size_t utf8_sequence(const char *text, size_t length);
/* Bytes that the clean text takes. */
size_t utf8_clean_length(const char *text, size_t length);
/* Writes the clean text; out has room for utf8_clean_length(). Returns its end. */
char *utf8_clean(const char *text, size_t length, char *out);
/* At most limit, and less where a sequence would be cut. */
size_t utf8_cut(const char *text, size_t length, size_t limit);

#endif
