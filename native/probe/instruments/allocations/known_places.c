/* SPDX-License-Identifier: MIT */
#include "instruments/allocations/known_places.h"

#include <string.h>

static uint64_t mix(uint64_t print, uint64_t word)
{
	print = (print ^ word) * 0x9e3779b97f4a7c15ULL;
	return print ^ (print >> 29);
}

static uint64_t print_of(const struct taken_sample *sample)
{
	const char *at = (const char *)sample->head,
		   *end = (const char *)(sample->places + sample->place_count);
	uint64_t print = 1, word;

	for (; at < end; at += sizeof(word)) {
		word = 0;
		memcpy(&word, at, (size_t)(end - at) < 8 ? (size_t)(end - at) : 8);
		if (at != (const char *)&sample->head->value)
			print = mix(print, word);
	}
	return print ? print : 1;
}

struct model_place *known_place(struct known_places *k, const struct taken_sample *sample)
{
	uint64_t print = print_of(sample);
	struct known_place *entry = &k->entries[print % KNOWN_PLACES];

	if (entry->print != print)
		*entry = (struct known_place){.print = print};
	return &entry->place;
}

void known_places_forget(struct known_places *k)
{
	memset(k, 0, sizeof(*k));
}
