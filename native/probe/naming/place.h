/* SPDX-License-Identifier: MIT */
/* Where a named sample goes in the model. */
#ifndef ACUPOINT_PLACE_H
#define ACUPOINT_PLACE_H

#include "naming/naming.h"

/* Interns the stack and the labels; the row that the sample belongs to. */
struct model_place place_of(struct model *m, const struct named_sample *sample);

#endif
