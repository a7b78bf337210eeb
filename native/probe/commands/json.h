/* SPDX-License-Identifier: MIT */
/* JSON to a stream. The caller writes brackets and commas. */
#ifndef ACUPOINT_JSON_H
#define ACUPOINT_JSON_H

#include <stddef.h>
#include <stdio.h>

/* A string with its quotes. Any bytes: what is not UTF-8 is replaced, control characters are
 * escaped. */
void json_text(FILE *out, const char *text, size_t length);
/* "key":"text" */
void json_member(FILE *out, const char *key, const char *text);

#endif
