/* SPDX-License-Identifier: MIT */
/* Whether a process ran between two looks at it. */
#ifndef ACUPOINT_QUIET_H
#define ACUPOINT_QUIET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct quiet {
	bool sleeps;	   /* all of its threads did, at the moment of the look */
	bool runs;	   /* one of them did */
	uint64_t switches; /* how often threads were switched away from, and which threads */
};

/*
 * Threads that sleep are marked as such before they are switched away from, and are counted then:
 * where two looks both find sleepers and equal counts, none has run from the first to the second.
 */
void quiet_look(pid_t pid, struct quiet *out);

static inline bool quiet_between(const struct quiet *before, const struct quiet *after)
{
	return before->sleeps && after->sleeps && before->switches == after->switches;
}

#endif
