/* SPDX-License-Identifier: MIT */
/* Where a process has the functions that exceptions, exits and lines of the error log pass. */
#ifndef ACUPOINT_ERROR_SITES_H
#define ACUPOINT_ERROR_SITES_H

#include <linux/types.h>
#include <stdint.h>
#include <sys/types.h>

#include "instruments/errors/error_watch.h"
#include "instruments/trap.h"

struct error_sites {
	struct error_site {
		int fd;		 /* of the file, or -1: the process has no such function */
		uint64_t offset; /* of the instruction in it */
		uint64_t address;
	} at[ERROR_KINDS];
	enum trap_step step; /* the dearest of them */
};

void error_sites_find(pid_t pid, struct error_sites *out);
void error_sites_close(struct error_sites *s);
/* Says what cannot be watched; NULL: all can. */
const char *error_sites_missing(const struct error_sites *s);

#endif
