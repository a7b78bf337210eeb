/* SPDX-License-Identifier: MIT */
/*
 * The unwinder's step in user space: the same code as in BPF, on registers and a copy of a stack,
 * with the rows read from the files that are mapped.
 */
#ifndef TWIN_H
#define TWIN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/types.h>

struct twin_stack {
	uint64_t ip, sp, fp;
	uint64_t at; /* address of bytes[0] */
	size_t size;
	const unsigned char *bytes;
};

/* Frames from the leaf to the root, as the sampler has them. Returns how many; `state` says why it
 * ended. */
size_t twin_unwind(pid_t pid, const struct twin_stack *stack, uint64_t *frames, size_t capacity,
		   unsigned int *state);

#endif
