/* SPDX-License-Identifier: MIT */
/*
 * The objects of a VM in a copy of its memory, as its collector lists them. A pointer that leads to
 * none of them is not followed, whatever is there. GC64.
 */
#ifndef ACUPOINT_OBJECTS_H
#define ACUPOINT_OBJECTS_H

#include <string.h>

#include "heap/image.h"
#include "luajit/collector.h"

enum { UPVALUE = 5, CDATA = 10, USERDATA = 12, GC_TYPES = 13 };

struct heap_vm {
	uint64_t global, main_thread;
	struct layout layout;
	struct collector_offsets gc;
	uint64_t types; /* CTState; 0: FFI is not loaded */
};

struct objects {
	struct image *image;
	size_t count, words;
	uint64_t *listed;  /* a bit for each 8 bytes of the image */
	uint32_t *before;  /* how many objects there are before each word of `listed` */
	uint32_t *numbers; /* of each object, by its place in memory; 0: not reached yet */
	uint64_t *named;   /* by place too: a string whose text tells where things are */
};

bool objects_open(struct objects *o, struct image *image, const struct heap_vm *vms, size_t count);
void objects_close(struct objects *o);

#define NO_OBJECT UINT32_MAX
/* Its place among all objects, in memory's order. */
uint32_t objects_place(const struct objects *o, uint64_t address);
/* The copy of an object's head; NULL where there is no object of this type. */
const uint8_t *objects_head(const struct objects *o, uint64_t address, int type, size_t size);

/* Pointers of the target may be to anywhere, so nothing is taken to be aligned. */
static inline uint64_t u64_at(const uint8_t *bytes, size_t offset)
{
	uint64_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

static inline uint32_t u32_at(const uint8_t *bytes, size_t offset)
{
	uint32_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

static inline uint16_t u16_at(const uint8_t *bytes, size_t offset)
{
	uint16_t value;

	memcpy(&value, bytes + offset, sizeof(value));
	return value;
}

#endif
