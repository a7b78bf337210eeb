/* SPDX-License-Identifier: MIT */
/*
 * Takes a copy of a process's memory as it was at one moment. A worker that sleeps while it is
 * copied is not stopped at all: that it did not run is checked afterwards. One that runs is stopped
 * for the copy, which is by then into memory that is there.
 */
#ifndef ACUPOINT_TAKE_H
#define ACUPOINT_TAKE_H

#include "heap/image.h"
#include "host/failure.h"

/* No stop may take longer, whoever asks for it. */
enum { TAKE_MOST_PAUSE_MS = 10000 };

struct take_options {
	pid_t pid;
	uint32_t max_pause_ms;
	bool stop_always;    /* even a worker that sleeps; for measuring */
	uint64_t skip_start; /* of a mapping without Lua; 0: none */
};

struct taken {
	uint64_t pause_us; /* 0: it was not stopped */
	uint64_t copied;   /* bytes */
	uint64_t estimate_us;
};

/* False with `error`; the process runs on in any case. */
bool heap_take(struct image *image, const struct take_options *options, struct taken *out,
	       struct failure *error);

#endif
