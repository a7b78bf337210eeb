/* SPDX-License-Identifier: MIT */
/* One sample as it came out of a buffer, its parts found and their sizes checked. */
#ifndef ACUPOINT_TAKEN_SAMPLE_H
#define ACUPOINT_TAKEN_SAMPLE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "walk/sample.h"

/* The pointers lead behind the head; what they point at is whole, its counts are checked. */
struct taken_sample {
	const struct sample *head;
	const struct sample_frame *frames;
	const uint64_t *kernel;
	const uint64_t *words;
	const uint64_t *native;
	const struct sample_request *request; /* NULL: none is known; its text may be shorter */
	const struct sample_place *places;    /* of the first frames */
	size_t place_count;
};

/* False where the counts do not fit what there is. */
static inline bool taken_sample_of(const void *data, size_t size, struct taken_sample *out)
{
	const struct sample *head = data;
	const char *at = (const char *)data + sizeof(*head);
	size_t need;

	if (size < sizeof(*head))
		return false;
	need = sizeof(*head) + head->frames * sizeof(struct sample_frame) +
	       ((size_t)head->kernel + head->words + head->native) * 8;
	if (need + (head->request ? REQUEST_HEAD : 0) > size || head->frames > SAMPLE_FRAMES ||
	    head->kernel > SAMPLE_KERNEL || head->words > SAMPLE_WORDS ||
	    head->native > SAMPLE_NATIVE)
		return false;
	out->head = head;
	out->frames = (const struct sample_frame *)at;
	out->kernel = (const uint64_t *)(at + head->frames * sizeof(struct sample_frame));
	out->words = out->kernel + head->kernel;
	out->native = out->words + head->words;
	out->request = head->request ? (const void *)(out->native + head->native) : NULL;
	if (head->request) {
		if (out->request->text_size > size - need - REQUEST_HEAD)
			return false;
		need += REQUEST_HEAD + out->request->text_size;
	}
	out->places = (const void *)((const char *)data + need);
	out->place_count = !(head->flags & SAMPLE_PLACED) ? 0
			   : head->frames < SAMPLE_PLACES ? head->frames
							  : SAMPLE_PLACES;
	return out->place_count * sizeof(struct sample_place) <= size - need;
}

#endif
