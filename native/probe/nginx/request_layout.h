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

/* Of ngx_http_request_t, as far as http_protocol, which is below 0x400 in all known builds. */
#define REQUEST_READ 0x780

/* Reads all of it, or is false: from memory or from copies. */
struct request_reader {
	bool (*read)(const void *context, uint64_t address, void *out, size_t size);
	const void *context;
};

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

/*
 * The same by REQUEST_READ bytes of a request that was copied, for its names alone. True where both
 * are known by now.
 */
bool request_layout_learn_names(struct request_layout *l, const struct request_reader *reader,
				const uint8_t *request);

/* Is all known that `names` asks for? */
bool request_layout_done(const struct request_layout *l, bool names);

#endif
