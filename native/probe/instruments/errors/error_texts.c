/* SPDX-License-Identifier: MIT */
#include "instruments/errors/error_texts.h"

#include <linux/types.h>
#include <string.h>

#include "instruments/errors/error_watch.h"
#include "model/dictionary.h"

enum { TEXTS_MAX = 2048, TEXTS_KEPT = 1000, LONG_NUMBER = 5 };

void error_texts_init(struct error_texts *t, struct model *m)
{
	*t = (struct error_texts){m, id_map_of(TEXTS_MAX)};
}

void error_texts_free(struct error_texts *t)
{
	id_map_free(&t->known);
}

static bool is_digit(char c, bool hex)
{
	return (c >= '0' && c <= '9') ||
	       (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

static size_t run_of_digits(const char *text, size_t length, bool hex)
{
	size_t n = 0;

	while (n < length && is_digit(text[n], hex))
		n++;
	return n;
}

/* Never longer than the text. */
static size_t fold(const char *text, size_t length, char *out)
{
	size_t written = 0, n;

	for (size_t i = 0; i < length && text[i] && text[i] != '\n'; i++) {
		if (length - i > 2 && text[i] == '0' && text[i + 1] == 'x' &&
		    (n = run_of_digits(text + i + 2, length - i - 2, true)) >= LONG_NUMBER) {
			out[written++] = '#';
			i += n + 1;
			continue;
		}
		n = run_of_digits(text + i, length - i, false);
		if (n >= LONG_NUMBER) {
			out[written++] = '#';
			i += n - 1;
			continue;
		}
		do
			out[written++] = text[i++];
		while (n-- > 1);
		i--;
	}
	return written;
}

static uint32_t fixed(struct error_texts *t, const char *text)
{
	return model_string(t->model, text, strlen(text));
}

uint32_t error_text(struct error_texts *t, const char *text, size_t length, bool cut)
{
	char folded[ERROR_TEXT + 4];
	size_t written;
	uint32_t id;
	uint64_t key;

	if (length > ERROR_TEXT)
		length = ERROR_TEXT;
	cut &= !memchr(text, '\n', length);
	written = fold(text, length, folded);
	if (cut) {
		memcpy(folded + written, "...", 3);
		written += 3;
	}
	key = hash_bytes(folded, written, 0) | 1;
	if (id_map_get(&t->known, key, &id))
		return id;
	if (t->known.count >= TEXTS_KEPT)
		return fixed(t, "(other messages)");
	id = model_string(t->model, folded, written);
	id_map_put(&t->known, key, id, NULL);
	return id;
}

uint32_t error_type_text(struct error_texts *t, uint32_t type)
{
	static const char *const names[ERROR_TYPES] = {
		"(nil)",   "(boolean)", "(boolean)",  "(userdata)", "(string)",
		"(other)", "(thread)",	"(other)",    "(function)", "(other)",
		"(cdata)", "(table)",	"(userdata)", "(number)"};

	return fixed(t, type < ERROR_TYPES ? names[type] : "(not read)");
}

uint32_t error_level_text(struct error_texts *t, uint32_t level)
{
	static const char *const names[] = {"stderr", "emerg",	"alert", "crit", "error",
					    "warn",   "notice", "info",	 "debug"};

	return fixed(t, level < sizeof(names) / sizeof(*names) ? names[level] : "unknown");
}
