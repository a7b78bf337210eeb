/* SPDX-License-Identifier: MIT */
/* Where a worker's nginx has the functions and variables that requests are watched by. */
#ifndef ACUPOINT_REQUEST_CODE_H
#define ACUPOINT_REQUEST_CODE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "instruments/trap.h"

/* Functions that check a handler of a phase, by which it is known which phase that is. */
enum request_checker {
	CHECKER_GENERIC,
	CHECKER_REWRITE,
	CHECKER_FIND_CONFIG,
	CHECKER_POST_REWRITE,
	CHECKER_ACCESS,
	CHECKER_POST_ACCESS,
	CHECKER_CONTENT,
	CHECKERS,
};

/* Functions that a uprobe stands on. */
enum request_trap {
	REQUEST_BEGINS,
	REQUEST_ENDS,
	REQUEST_POSTED, /* of subrequests, when they are made: nginx without them calls it seldom */
	REQUEST_PART_ENDS, /* called for each request: only watched where there are subrequests */
	REQUEST_TRAPS,
};

struct request_code {
	int fd;			       /* of the executable, or -1 */
	uint64_t device, inode;	       /* of it */
	uint64_t traps[REQUEST_TRAPS]; /* offsets in it of instructions for uprobes; 0: it has none
					*/
	enum trap_step step;	       /* the dearest of them */
	uint64_t checkers[CHECKERS];   /* addresses in the process; 0: it has none */
	uint64_t cached_time;	       /* address of ngx_cached_time */
};

/* False with `missing`, and nothing to close. */
bool request_code_find(pid_t pid, struct request_code *out, const char **missing);
void request_code_close(struct request_code *c);
/* A descriptor of the executable for somebody else to close, or -1. */
int request_code_file(const struct request_code *c);

#endif
