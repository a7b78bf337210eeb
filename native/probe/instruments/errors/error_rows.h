/* SPDX-License-Identifier: MIT */
/* Events and their stacks, as rows of the model. */
#ifndef ACUPOINT_ERROR_ROWS_H
#define ACUPOINT_ERROR_ROWS_H

#include <linux/types.h>
#include <sys/types.h>

#include "instruments/errors/error_stacks.h"
#include "instruments/errors/error_texts.h"
#include "instruments/errors/error_watch.h"

/*
 * The last exception of a process. It has no row yet: nginx logs one that nobody caught next,
 * before any other Lua code of the process runs.
 */
struct last_thrown {
	bool is_there;
	bool uncaught;
	uint32_t age; /* in calls of error_rows_settle() */
	struct error_event event;
	struct error_stack stack;
};

struct error_rows {
	struct model *model;
	struct error_texts texts;
	uint64_t counts[ERROR_KINDS]; /* that are in rows */
	uint64_t lost;
};

void error_rows_init(struct error_rows *r, struct model *m);
void error_rows_free(struct error_rows *r);

/* `stack`: as far as it is known, all 0 where it is not. */
void error_rows_add(struct error_rows *r, struct last_thrown *last, const struct error_event *event,
		    const struct error_stack *stack);
/* Makes a row of what was thrown last where that was not just now; `all`: in any case. */
void error_rows_settle(struct error_rows *r, struct last_thrown *last, bool all);

#endif
