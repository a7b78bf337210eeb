/* SPDX-License-Identifier: MIT */
#include "luajit/memory.h"

#include <string.h>
#include <sys/uio.h>

/* No pointer of user space lies above; such an address would be refused anyway, but not all at
 * once. */
#define ADDRESS_END (1ULL << 56)
#define BATCH 256

size_t memory_read_some(const struct memory *m, uint64_t address, void *out, size_t size)
{
	struct iovec local = {.iov_base = out, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
	ssize_t n;

	if (!address || address >= ADDRESS_END || size > ADDRESS_END - address)
		return 0;
	n = process_vm_readv(m->pid, &local, 1, &remote, 1, 0);
	return n > 0 ? (size_t)n : 0;
}

bool memory_read(const struct memory *m, uint64_t address, void *out, size_t size)
{
	return memory_read_some(m, address, out, size) == size;
}

/* Reads as many of the batch as the kernel gives in one call: it stops at the first that fails. */
static size_t read_batch(const struct memory *m, const uint64_t *addresses, size_t count,
			 size_t size, char *out)
{
	struct iovec local = {.iov_base = out, .iov_len = count * size};
	struct iovec remote[BATCH];
	ssize_t n;
	size_t i;

	for (i = 0; i < count; i++) {
		remote[i].iov_base = (void *)(uintptr_t)addresses[i];
		remote[i].iov_len = size;
	}
	n = process_vm_readv(m->pid, &local, 1, remote, count, 0);
	return n > 0 ? (size_t)n / size : 0;
}

void memory_read_each(const struct memory *m, const uint64_t *addresses, size_t count, size_t size,
		      void *out)
{
	char *at = out;
	size_t batch, done;

	while (count) {
		batch = count < BATCH ? count : BATCH;
		done = read_batch(m, addresses, batch, size, at);
		if (done < batch) {
			memset(at + done * size, 0, size);
			done++;
		}
		addresses += done;
		at += done * size;
		count -= done;
	}
}
