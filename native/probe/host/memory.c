/* SPDX-License-Identifier: MIT */
#include "host/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/reach.h"

/* No pointer of user space lies above; such an address would be refused anyway, but not all at
 * once. */
#define ADDRESS_END (1ULL << 56)
/* Processes whose memory is open at one time; the one that was read longest ago makes room. */
enum { KEPT = 64 };

/*
 * /proc/PID/mem, opened once: who may read is asked when it is opened, so that this process needs
 * no privilege. It stays the memory of the program that ran then: when that has ended, reads give
 * nothing, and the next one opens what has the pid by now.
 */
struct kept {
	pid_t pid; /* 0: free */
	int fd;
	uint64_t used;
};

static struct kept kept[KEPT];
static uint64_t uses;
static bool by_call; /* what cannot be opened */
/* A burst's thread and the taker of samples read too. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct kept *find(pid_t pid)
{
	for (size_t i = 0; i < KEPT; i++) {
		if (kept[i].pid == pid)
			return &kept[i];
	}
	return NULL;
}

static void drop(struct kept *k)
{
	close(k->fd);
	k->pid = 0;
}

static struct kept *room(void)
{
	struct kept *oldest = &kept[0];

	for (size_t i = 0; i < KEPT; i++) {
		if (!kept[i].pid)
			return &kept[i];
		if (kept[i].used < oldest->used)
			oldest = &kept[i];
	}
	drop(oldest);
	return oldest;
}

/* A descriptor of the process's memory; -1 with errno where it may not be read. */
static int open_memory(pid_t pid, bool again)
{
	struct kept *k = find(pid);
	int fd;

	if (k && !again) {
		k->used = ++uses;
		return k->fd;
	}
	if (k)
		drop(k);
	fd = reach_proc(pid, "mem");
	if (fd < 0) {
		errno = -fd;
		return -1;
	}
	k = room();
	*k = (struct kept){.pid = pid, .fd = fd, .used = ++uses};
	return fd;
}

void memory_by_call(void)
{
	by_call = true;
}

void memory_forget(pid_t pid)
{
	struct kept *k;

	pthread_mutex_lock(&lock);
	k = find(pid);
	if (k)
		drop(k);
	pthread_mutex_unlock(&lock);
}

static bool is_address(uint64_t address, size_t size)
{
	return address && address < ADDRESS_END && size <= ADDRESS_END - address;
}

/* Less than all is the rule where a page is missing; a program that has ended gives 0. */
static size_t read_at(int fd, uint64_t address, char *out, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = pread(fd, out + done, size - done, (off_t)(address + done));
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/* Without the right to open it, the right to trace the process may still be there. */
static size_t read_by_call(pid_t pid, uint64_t address, char *out, size_t size)
{
	struct iovec local = {out, size}, remote = {(void *)(uintptr_t)address, size};
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	return n < 0 ? 0 : (size_t)n;
}

static bool has_ended(int fd, uint64_t address)
{
	char byte;

	return pread(fd, &byte, 1, (off_t)address) == 0;
}

size_t memory_read_some(const struct memory *m, uint64_t address, void *out, size_t size)
{
	size_t done = 0;
	int fd;

	if (!is_address(address, size))
		return 0;
	pthread_mutex_lock(&lock);
	fd = open_memory(m->pid, false);
	if (fd >= 0) {
		done = read_at(fd, address, out, size);
		if (!done && size && has_ended(fd, address)) {
			fd = open_memory(m->pid, true);
			done = fd < 0 ? 0 : read_at(fd, address, out, size);
		}
	} else if (by_call) {
		done = read_by_call(m->pid, address, out, size);
	}
	pthread_mutex_unlock(&lock);
	return done;
}

bool memory_read(const struct memory *m, uint64_t address, void *out, size_t size)
{
	return memory_read_some(m, address, out, size) == size;
}

void memory_read_each(const struct memory *m, const uint64_t *addresses, size_t count, size_t size,
		      void *out)
{
	char *at = out;
	int fd;

	pthread_mutex_lock(&lock);
	fd = open_memory(m->pid, false);
	for (size_t i = 0; i < count; i++, at += size) {
		size_t done = 0;

		if (is_address(addresses[i], size) && fd >= 0)
			done = read_at(fd, addresses[i], at, size);
		else if (is_address(addresses[i], size) && by_call)
			done = read_by_call(m->pid, addresses[i], at, size);
		memset(at + done, 0, size - done);
	}
	pthread_mutex_unlock(&lock);
}
