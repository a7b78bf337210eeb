/* SPDX-License-Identifier: MIT */
/*
 * The walk of the BPF program, made in user space: from registers and a copy of the thread's stack
 * taken at one moment, and the rest of its memory as it is when it is read. One at a time.
 */
#ifndef ACUPOINT_USER_WALKER_H
#define ACUPOINT_USER_WALKER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "unwind/unwind.h"
#include "walk/arch.h"
#include "walk/sample.h"

struct thread_image {
	pid_t pid, tid;
	struct user_regs regs;
	bool in_kernel;
	const uint64_t *kernel; /* instruction pointers from the leaf outwards */
	size_t kernel_count;
	const uint8_t *stack; /* from regs' stack pointer upwards */
	size_t stack_size;
};

struct user_walker_output {
	/* `sample` as in sampler.h. False: there was no room for it. */
	bool (*put)(void *context, struct sample *sample, size_t size);
	void *context;
};

/* `unwind` is where the unwinder keeps its tables; it stays the caller's. */
void user_walker_open(struct unwind_memory *unwind, const struct user_walker_output *output);
void user_walker_close(void);

/* NULL: forget it. -E2BIG when there are too many. */
int user_walker_describe(pid_t pid, const struct sampled_process *process);
bool user_walker_described(pid_t pid, struct sampled_process *out);

/* Takes one sample. A thread of no described process is passed over. */
void user_walker_take(const struct thread_image *image);
void user_walker_count(struct sampler_counts *out);

#endif
