/* SPDX-License-Identifier: MIT */
/* Tells the user where samples stand for more or less than their period, and why. */
#ifndef ACUPOINT_WEIGHT_H
#define ACUPOINT_WEIGHT_H

#include <stdbool.h>

#include "host/failure.h"
#include "trace/trace.h"

struct weight {
	bool told;	     /* the present one */
	unsigned int agreed; /* looks in a row at which there was none */
};

/* After each look; says so when it begins, and again only when it was gone for a while. */
void weight_tell(struct weight *w, const struct trace_stats *stats, pid_t target,
		 const struct notices *notices);

#endif
