/* SPDX-License-Identifier: MIT */
/* Chance that nobody outside can foresee, for what must not beat with a load. No cryptography. */
#ifndef ACUPOINT_CHANCE_H
#define ACUPOINT_CHANCE_H

#include <stdint.h>
#include <sys/random.h>

struct chance {
	uint64_t state; /* never 0 */
};

static inline void chance_begin(struct chance *c)
{
	/* Without randomness it can only be foreseen: no reason to stop. */
	if (getrandom(&c->state, sizeof(c->state), GRND_NONBLOCK) < 0 || !c->state)
		c->state = (uintptr_t)c | 1;
}

/* xorshift: 64 bits, never 0. */
static inline uint64_t chance_bits(struct chance *c)
{
	c->state ^= c->state << 13;
	c->state ^= c->state >> 7;
	c->state ^= c->state << 17;
	return c->state;
}

/* Evenly from 0 to 1. */
static inline double chance_part(struct chance *c)
{
	return (double)(chance_bits(c) >> 11) / (double)(1ULL << 53);
}

#endif
