/* SPDX-License-Identifier: MIT */
/* A copy of the memory of a process in which its Lua objects can be. */
#ifndef ACUPOINT_IMAGE_H
#define ACUPOINT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct image_region {
	uint64_t start, end; /* in the target */
	size_t offset;	     /* of its copy */
};

struct image {
	pid_t pid;
	int pagemap;	     /* file descriptor; -1: every page counts as there */
	uint64_t skip_start; /* of a mapping that holds no Lua; 0: none */
	uint8_t *bytes;
	size_t capacity, size;
	struct image_region *regions; /* ascending */
	size_t count, region_capacity;
	size_t last;	 /* the region of the last address */
	uint64_t copied; /* bytes of pages that were there */
};

enum image_result {
	IMAGE_OK,
	IMAGE_TOO_LATE,	 /* the time was over before all was copied */
	IMAGE_TOO_LARGE, /* of memory that may be used for it */
	IMAGE_UNREADABLE,
};

/*
 * Reserves room for all private anonymous memory of `pid`, but for the mapping at
 * `skip_start`, and for some growth. IMAGE_TOO_LARGE where that is more than half of the memory
 * that this machine has left.
 */
enum image_result image_open(struct image *image, pid_t pid, uint64_t skip_start);
void image_close(struct image *image);

/* Copies what is there now over what was copied before. `deadline_ns`: 0 for none. */
enum image_result image_copy(struct image *image, uint64_t deadline_ns);

#define NOWHERE SIZE_MAX
/* Where the copy of `size` bytes at an address of the target is; NOWHERE if not all was copied. */
size_t image_offset(struct image *image, uint64_t address, size_t size);

static inline const uint8_t *image_at(struct image *image, uint64_t address, size_t size)
{
	size_t offset = image_offset(image, address, size);

	return offset == NOWHERE ? NULL : image->bytes + offset;
}

#endif
