/* SPDX-License-Identifier: MIT */
/* The process that takes a heap snapshot for a session: a child of the keeper. */
#ifndef ACUPOINT_HEAP_JOB_H
#define ACUPOINT_HEAP_JOB_H

#include "host/reach.h"

/* Answers REACH_HEAP and REACH_HEAP_END; of other requests, what instruments/granted.h says. */
void heap_job_answer(const struct reach_request *request, int descriptor,
		     struct reach_answer *answer, int *descriptors);

#endif
