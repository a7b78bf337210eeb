/* SPDX-License-Identifier: MIT */
/*
 * A thread's registers, memory and VMs that lie, to the whole way from a sample to a named stack.
 * `walks bytes` makes inputs of recordings.
 */
#include "bytes.h"
#include "sample_bytes.h"
#include "scene.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recorded_sample sample;
	struct scene scene = {.pid = 1};
	struct scene_result result;

	if (!sample_of_bytes(data, size, &sample))
		return 0;
	if (scene_walk(&scene, &sample, &result))
		free(result.text);
	sample_free(&sample);
	return 0;
}
