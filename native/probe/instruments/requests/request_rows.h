/* SPDX-License-Identifier: MIT */
/* From a request that has ended to rows of tables. */
#ifndef ACUPOINT_REQUEST_ROWS_H
#define ACUPOINT_REQUEST_ROWS_H

#include <linux/types.h>

#include "instruments/requests/request_end.h"
#include "instruments/requests/request_site.h"
#include "instruments/requests/request_times.h"
#include "model/model.h"
#include "naming/request_names.h"

enum request_key {
	KEY_URI,
	KEY_ROUTE,
	KEY_HOST,
	KEY_METHOD,
	KEY_STATUS,
	KEY_PHASE,
	KEY_UPSTREAM,
	REQUEST_KEYS,
};

/* An answer of a server; times in milliseconds, -1: it did not come so far. */
struct request_answer {
	uint32_t peer, status;
	int32_t connect, header, response;
};

/* The values that a request, or a subrequest, adds to the tables. */
struct request_row {
	uint32_t keys[REQUEST_KEYS];
	uint32_t answer_count;
	struct request_answer answers[REQUEST_STATES];
	uint64_t us;
};

struct request_rows {
	struct model *model;
	struct request_names *names;
	struct request_clock clock;
};

/* Fills in the row of a subrequest, for request_rows_add_part() when it has surely ended. */
void request_rows_part(struct request_rows *r, struct request_site *site,
		       const struct request_end *e, struct request_row *out);
/* False: it is in no row. */
bool request_rows_add_part(struct request_rows *r, pid_t pid, struct request_row *row);
/* Microseconds that it took, or -1: it is in no row. */
int64_t request_rows_add(struct request_rows *r, struct request_site *site,
			 const struct request_end *e);

#endif
