/* SPDX-License-Identifier: MIT */
#include "host/failure.h"

#include <stdio.h>

void failure_no_memory(struct failure *f)
{
	f->kind = FAILURE_OTHER;
	f->detail = NULL;
	snprintf(f->text, sizeof(f->text), "The probe is out of memory.");
}
