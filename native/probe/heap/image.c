/* SPDX-License-Identifier: MIT */
#include "heap/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/array.h"
#include "host/pagemap.h"
#include "host/procfs.h"
#include "host/usage.h"
#include "native/symbols.h"

#define PAGE PAGEMAP_PAGE
#define PAGES_A_LOOK 4096
/* Room for what the target allocates between two looks. */
#define GROWTH (16 << 20)
/* One call copies no more than this, so that the time is looked at. */
#define PIECE (4 << 20)

static bool holds_objects(const struct image *image, const struct mapping *m)
{
	return mapping_is_heap(m) && image->skip_start != m->start;
}

static enum image_result add_region(struct image *image, const struct mapping *m)
{
	size_t size = m->end - m->start;

	if (image->capacity && size > image->capacity - image->size)
		return IMAGE_TOO_LARGE;
	/* An object may lie across two that touch. */
	if (image->count && image->regions[image->count - 1].end == m->start) {
		image->regions[image->count - 1].end = m->end;
		image->size += size;
		return IMAGE_OK;
	}
	if (!array_reserve(image->regions, image->region_capacity, image->count + 1, 256))
		return IMAGE_TOO_LARGE;
	image->regions[image->count++] = (struct image_region){m->start, m->end, image->size};
	image->size += size;
	return IMAGE_OK;
}

static enum image_result look(struct image *image)
{
	enum image_result result = IMAGE_OK;
	struct mappings maps;
	size_t i;

	if (mappings_read(image->pid, &maps))
		return IMAGE_UNREADABLE;
	image->count = 0;
	image->size = 0;
	image->last = 0;
	for (i = 0; i < maps.count && result == IMAGE_OK; i++)
		if (holds_objects(image, &maps.items[i]))
			result = add_region(image, &maps.items[i]);
	mappings_free(&maps);
	return result;
}

static uint64_t memory_left(void)
{
	char text[1024], *at;

	if (file_read("/proc/meminfo", text, sizeof(text)) <= 0)
		return 0;
	at = strstr(text, "MemAvailable:");
	return at ? strtoull(at + strlen("MemAvailable:"), NULL, 10) * 1024 : 0;
}

static uint64_t pages_there(const struct image *image);

enum image_result image_open(struct image *image, pid_t pid, uint64_t skip_start)
{
	enum image_result result;

	memset(image, 0, sizeof(*image));
	image->pid = pid;
	image->pagemap = pagemap_open(pid);
	image->skip_start = skip_start;
	result = look(image);
	if (result != IMAGE_OK)
		return result;
	if (pages_there(image) > memory_left() / 2)
		return IMAGE_TOO_LARGE;
	/* Stacks that were never used are reserved here too, and cost nothing. */
	image->capacity = image->size + image->size / 4 + GROWTH;
	image->bytes = mmap(NULL, image->capacity, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (image->bytes != MAP_FAILED) {
		/* Whoever watches over a stop needs none of it. */
		madvise(image->bytes, image->capacity, MADV_DONTFORK);
		return IMAGE_OK;
	}
	image->bytes = NULL;
	return IMAGE_TOO_LARGE;
}

void image_close(struct image *image)
{
	if (image->bytes)
		munmap(image->bytes, image->capacity);
	if (image->pagemap >= 0)
		close(image->pagemap);
	free(image->regions);
	memset(image, 0, sizeof(*image));
	image->pagemap = -1;
}

static uint64_t pages_there(const struct image *image)
{
	uint64_t entries[512], at, bytes = 0;
	size_t i, k, n;

	for (i = 0; i < image->count; i++) {
		for (at = image->regions[i].start; at < image->regions[i].end; at += n * PAGE) {
			n = (image->regions[i].end - at) / PAGE;
			n = n < 512 ? n : 512;
			pagemap_read(image->pagemap, at, n, entries);
			for (k = 0; k < n; k++)
				bytes += entries[k] & PAGEMAP_USED ? PAGE : 0;
		}
	}
	return bytes;
}

static enum image_result copy_run(struct image *image, uint64_t from, size_t size, uint8_t *to,
				  uint64_t deadline_ns)
{
	struct iovec local, remote;
	ssize_t n;

	while (size) {
		if (deadline_ns && clock_monotonic_ns() > deadline_ns)
			return IMAGE_TOO_LATE;
		local = (struct iovec){to, size < PIECE ? size : PIECE};
		remote = (struct iovec){(void *)(uintptr_t)from, local.iov_len};
		n = process_vm_readv(image->pid, &local, 1, &remote, 1, 0);
		if (n <= 0) {
			/* Unmapped since it was looked at: no object is there any more. */
			memset(to, 0, size < PAGE ? size : PAGE);
			n = size < PAGE ? (ssize_t)size : PAGE;
			image->copied -= (uint64_t)n;
		}
		image->copied += (uint64_t)n;
		from += (uint64_t)n;
		to += n;
		size -= (size_t)n;
	}
	return IMAGE_OK;
}

static enum image_result copy_region(struct image *image, const struct image_region *region,
				     uint64_t deadline_ns)
{
	static uint64_t pages[PAGES_A_LOOK];
	uint8_t *to = image->bytes + region->offset;
	enum image_result result = IMAGE_OK;
	uint64_t at = region->start;
	size_t n, k, run;
	bool there;

	for (; at < region->end && result == IMAGE_OK; at += n * PAGE) {
		n = (region->end - at) / PAGE;
		n = n < PAGES_A_LOOK ? n : PAGES_A_LOOK;
		pagemap_read(image->pagemap, at, n, pages);
		for (k = 0; k < n && result == IMAGE_OK; k += run, to += run * PAGE) {
			there = pages[k] & PAGEMAP_USED;
			for (run = 1; k + run < n && !(pages[k + run] & PAGEMAP_USED) == !there;)
				run++;
			if (there)
				result =
					copy_run(image, at + k * PAGE, run * PAGE, to, deadline_ns);
			else
				madvise(to, run * PAGE, MADV_DONTNEED); /* reads as zero */
		}
	}
	return result;
}

enum image_result image_copy(struct image *image, uint64_t deadline_ns)
{
	enum image_result result = look(image);
	size_t i;

	image->copied = 0;
	for (i = 0; i < image->count && result == IMAGE_OK; i++)
		result = copy_region(image, &image->regions[i], deadline_ns);
	return result;
}

static bool covers(const struct image_region *region, uint64_t address, size_t size)
{
	return address >= region->start && address < region->end && size <= region->end - address;
}

size_t image_offset(struct image *image, uint64_t address, size_t size)
{
	const struct image_region *region = &image->regions[image->last];
	size_t low = 0, high = image->count, middle;

	if (!image->count)
		return NOWHERE;
	if (covers(region, address, size))
		return region->offset + (address - region->start);
	while (low < high) {
		middle = (low + high) / 2;
		if (image->regions[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == image->count || !covers(&image->regions[low], address, size))
		return NOWHERE;
	image->last = low;
	return image->regions[low].offset + (address - image->regions[low].start);
}
