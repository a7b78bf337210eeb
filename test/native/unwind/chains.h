/* SPDX-License-Identifier: MIT */
/* Programs with known call chains: each spins, and the names of its callers are known beforehand.
 */
#ifndef CHAINS_H
#define CHAINS_H

#include <stdbool.h>
#include <stddef.h>

struct chain_case {
	const char *name;
	void (*run)(void); /* never returns */
	/*
	 * Functions that must follow one another in every stack, from the caller outwards, up to
	 * the outermost; NULL ends them. Frames of libraries may stand between.
	 */
	const char *callers[8];
	unsigned int repeats; /* how often the first of them must stand there at the least */
	bool too_deep;	      /* more frames than are taken: the root cannot be reached */
	bool only_sampled;    /* not from a copy of one stack: another stack or thread, no file */
};

extern const struct chain_case chain_cases[];
extern const size_t chain_case_count;

#endif
