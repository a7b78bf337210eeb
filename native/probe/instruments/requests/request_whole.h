/* SPDX-License-Identifier: MIT */
/* A copied request by which it becomes known what is where in those of its build. */
#ifndef ACUPOINT_REQUEST_WHOLE_H
#define ACUPOINT_REQUEST_WHOLE_H

#include <linux/types.h>
#include <stdbool.h>

#include "instruments/requests/request_end.h"
#include "nginx/request_layout.h"

/* True where both offsets are known by now. */
bool request_whole_learn(const struct request_whole *w, struct request_layout *layout);
/* As the program would have sent it, by a place that is known. */
void request_whole_read(const struct request_whole *w, const struct request_place *place,
			struct request_end *out);

#endif
