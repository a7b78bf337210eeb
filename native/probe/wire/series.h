/* SPDX-License-Identifier: MIT */
/* What a batch says of series. Each argument must live until the batch has been encoded. */
#ifndef ACUPOINT_WIRE_SERIES_H
#define ACUPOINT_WIRE_SERIES_H

#include "model/drain.h"
#include "wire/messages.h"

struct wire_rows {
	const struct model_batch *batch;
	uint32_t period_us; /* that a count of a counted series stands for */
};

pb_callback_t wire_series(const struct model_batch *batch);
pb_callback_t wire_stack_rows(const struct wire_rows *rows);
pb_callback_t wire_table_rows(const struct model_batch *batch);
pb_callback_t wire_points(const struct model_batch *batch);
pb_callback_t wire_instruments(const struct wire_health *health);

#endif
