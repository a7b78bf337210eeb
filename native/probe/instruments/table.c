/* SPDX-License-Identifier: MIT */
#include "instruments/allocations/allocations.h"
#include "instruments/instrument.h"
#include "instruments/requests/requests.h"

const struct instrument_ops *const instruments[] = {
	&allocations_instrument,
	&requests_instrument,
	NULL,
};
