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

struct request_rows {
	struct model *model;
	struct request_names *names;
	struct request_clock clock;
};

/* Microseconds that it took, or -1: it is in no row. */
int64_t request_rows_add(struct request_rows *r, struct request_site *site,
			 const struct request_end *e);

#endif
