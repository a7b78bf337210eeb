/* SPDX-License-Identifier: MIT */
/*
 * Where an nginx build keeps what names a request. The offsets depend on the version and on what
 * was compiled in, so they are derived from requests of the running worker, and believed only where
 * several things fit together that only a request has.
 */
#ifndef ACUPOINT_REQUEST_LAYOUT_H
#define ACUPOINT_REQUEST_LAYOUT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/memory.h"
#include "walk/request.h"

struct request_layout {
	struct sampled_request known;
	uint32_t seen_slot;
};

/*
 * Looks at the request at `address`, which may have been freed since: nothing is found then, or
 * what it was is still there. True where something became known.
 */
bool request_layout_learn(struct request_layout *l, const struct memory *m, uint64_t address,
			  bool names);

/* Is all known that `names` asks for? */
bool request_layout_done(const struct request_layout *l, bool names);

#endif
