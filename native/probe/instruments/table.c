/* SPDX-License-Identifier: MIT */
#include "instruments/allocations/allocations.h"
#include "instruments/instrument.h"
#include "instruments/jit/jit.h"
#include "instruments/offcpu/offcpu_instrument.h"

const struct instrument_ops *const instruments[] = {
	&allocations_instrument,
	&offcpu_instrument,
	&jit_instrument,
	NULL,
};
