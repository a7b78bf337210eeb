/* SPDX-License-Identifier: MIT */
#include "naming/place.h"

struct model_place place_of(struct model *m, const struct named_sample *sample)
{
	struct model_place place = {
		.pid = (uint32_t)sample->pid,
		.labels = model_label_set(m, &sample->labels),
		.request = sample->request,
	};

	for (size_t i = 0; i < sample->frames.count; i++)
		place.stack = model_stack(m, place.stack, sample->frames.ids[i]);
	if (sample->frames.left_out)
		place.stack =
			model_stack(m, place.stack, frame_mark(m, "[truncated]", FRAME_TRUNCATED));
	return place;
}
