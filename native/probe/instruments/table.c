/* SPDX-License-Identifier: MIT */
#include "instruments/allocations/allocations.h"
#include "instruments/errors/errors.h"
#include "instruments/instrument.h"
#include "instruments/jit/jit.h"
#include "instruments/loop/loop_instrument.h"
#include "instruments/offcpu/offcpu_instrument.h"
#include "instruments/requests/requests.h"
#include "instruments/waiting/waiting.h"

const struct instrument_ops *const instruments[] = {
	&allocations_instrument, &offcpu_instrument, &requests_instrument, &jit_instrument,
	&waiting_instrument,	 &errors_instrument, &loop_instrument,	   NULL,
};
