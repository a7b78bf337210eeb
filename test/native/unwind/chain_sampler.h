/* SPDX-License-Identifier: MIT */
/* Samples the native stacks of one process with the unwinder's BPF program. For tests. */
#ifndef CHAIN_SAMPLER_H
#define CHAIN_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/types.h>

#include "chain.h"
#include "unwind/unwind.h"

struct chain_sampler;

typedef void (*chain_seen)(void *context, const struct chain *chain);

/* NULL, with a message on stderr, where it cannot be loaded or attached. */
struct chain_sampler *chain_sampler_open(pid_t pid, unsigned int hz, chain_seen seen,
					 void *context);
/* Hands on what was sampled since; loads the tables that it lacked. */
void chain_sampler_poll(struct chain_sampler *s);
void chain_sampler_stats(struct chain_sampler *s, struct unwind_stats *out);
void chain_sampler_close(struct chain_sampler *s);

#endif
