/* SPDX-License-Identifier: MIT */
/*
 * The target's memory: read only, never with the target stopped. Bytes that come back may be torn
 * or hostile; every reader checks them. Reads fail, they never raise; errno says why where the
 * process may not be read at all.
 */
#ifndef ACUPOINT_MEMORY_H
#define ACUPOINT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct memory {
	pid_t pid;
};

/* True only if all of it was read. */
bool memory_read(const struct memory *m, uint64_t address, void *out, size_t size);
/* How much could be read from the start; stops at the first page that is not there. */
size_t memory_read_some(const struct memory *m, uint64_t address, void *out, size_t size);
/*
 * Reads `size` bytes at each of `count` addresses into consecutive places of `out`; what could not
 * be read is zero.
 */
void memory_read_each(const struct memory *m, const uint64_t *addresses, size_t count, size_t size,
		      void *out);

/* Reads by call from now on where a process's memory cannot be opened: needs the right to trace it.
 */
void memory_by_call(void);
/* Closes what was opened to read it. */
void memory_forget(pid_t pid);

static inline bool memory_u64(const struct memory *m, uint64_t address, uint64_t *out)
{
	return memory_read(m, address, out, sizeof(*out));
}

static inline bool memory_u32(const struct memory *m, uint64_t address, uint32_t *out)
{
	return memory_read(m, address, out, sizeof(*out));
}

#endif
