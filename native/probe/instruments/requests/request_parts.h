/* SPDX-License-Identifier: MIT */
/*
 * Subrequests that nginx has answered itself: such an answer may turn to another location, and then
 * they go on. They have ended where nothing more came of them until their request ended.
 */
#ifndef ACUPOINT_REQUEST_PARTS_H
#define ACUPOINT_REQUEST_PARTS_H

#include <linux/types.h>

#include "instruments/requests/request_rows.h"

enum { REQUEST_PARTS_OPEN = 256 };

struct request_part {
	pid_t pid; /* 0: none is here */
	uint64_t request, part_of;
	struct request_row row;
};

struct request_parts {
	struct request_part open[REQUEST_PARTS_OPEN];
	size_t count, next;
	uint64_t unrowed; /* that found no room in the tables */
};

/* One whose finalizing was seen. */
void request_parts_take(struct request_parts *p, struct request_rows *rows,
			struct request_site *site, const struct request_end *e);
/* All of a request, or of a process (`request` 0), have ended. */
void request_parts_end(struct request_parts *p, struct request_rows *rows, pid_t pid,
		       uint64_t request);

#endif
