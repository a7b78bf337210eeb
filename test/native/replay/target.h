/* SPDX-License-Identifier: MIT */
/*
 * Stands between the probe's code and the target: what is read of memory and what files tell is
 * logged into a sample, or answered from one. The linker puts it there (--wrap, in the Makefile).
 */
#ifndef ACUPOINT_TARGET_H
#define ACUPOINT_TARGET_H

#include "recording.h"

/*
 * From now on the target is `sample`. `live`: it is filled in from the process `pid`, which stands
 * still; else nothing but it is asked.
 */
void target_use(struct recorded_sample *sample, bool live, pid_t pid);
/* Takes in what is there, if anything, though nothing asked for it. Only while `live`. */
void target_log(uint64_t address, size_t size);

#endif
