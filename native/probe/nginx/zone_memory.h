/* SPDX-License-Identifier: MIT */
/*
 * The memory of one zone, read while nginx works in it. By its file where the kernel gives it,
 * which leaves the worker's page table alone; else through the worker, where each page that is read
 * counts from then on for it as resident.
 */
#ifndef ACUPOINT_ZONE_MEMORY_H
#define ACUPOINT_ZONE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/memory.h"

struct mapping;

struct zone_memory {
	struct memory worker;
	uint64_t address, size;
	int fd;		      /* of its file, or -1 */
	uint64_t file_offset; /* of `address` */
	uint64_t resident;    /* bytes of the file that exist; 0: not known */
};

/* `mapping` holds all of the zone. To be closed. */
void zone_memory_open(struct zone_memory *z, pid_t pid, const struct mapping *mapping,
		      uint64_t address, uint64_t size);
void zone_memory_close(struct zone_memory *z);

/* Is [address, address + size) in the zone? */
bool zone_has(const struct zone_memory *z, uint64_t address, uint64_t size);
/* True only if all of it is in the zone and was read. */
bool zone_read(const struct zone_memory *z, uint64_t address, void *out, size_t size);

#endif
