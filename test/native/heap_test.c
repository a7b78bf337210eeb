/* SPDX-License-Identifier: MIT */
/* modules: heap/objects.c heap/walk.c heap/references.c heap/sizes.c heap/stream.c heap/image.c */
/* modules: native/mappings.c heap/buffers.c heap/coroutine.c */
/*
 * Heaps that no VM would leave behind: whatever stands in the copy, the walk ends, stays inside the
 * copy and writes no more than there is.
 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heap/walk.h"

#define BASE 0x100000000ULL
#define SIZE (256 * 1024)
#define ROUNDS 200
#define OBJECTS 0x2000
#define OBJECT_STEP 0x80

static uint64_t seed = 1;
static size_t listed;

static uint64_t chance(uint64_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

static uint64_t any_address(void)
{
	return BASE + chance(SIZE / 8 + 4) * 8 + (chance(16) ? 0 : chance(8));
}

static uint64_t any_word(void)
{
	uint64_t type = chance(14);

	switch (chance(5)) {
	case 0:
		return any_address();
	case 1: /* a value with a type */
		return (~type << 47) | any_address();
	case 2: /* mark, type and flags of an object */
		return (4 + chance(10)) << 8 | chance(256) | chance(65536) << 16 | chance(64) << 32;
	case 3:
		return chance(64) << 32 | chance(64);
	default:
		return chance(2) ? ~0ULL : chance(1ULL << 31) << 20;
	}
}

static struct heap_vm any_vm(uint64_t main_thread)
{
	struct heap_vm vm = {.main_thread = main_thread, .global = main_thread + 0x70};

	vm.layout = (struct layout){.state_size = 0x70,
				    .main_thread = 0xc0,
				    .vm_state = 0xb8,
				    .cur_l = 0x170,
				    .jit_base = 0x178,
				    .registry = 0x110,
				    .dispatch = 0xfa8,
				    .traces = 0x460,
				    .string_length = 0x14};
	vm.gc = collector_offsets(&vm.layout);
	vm.types = any_address();
	return vm;
}

/* Chains what the collector would list, with anything in it. */
static void chain_objects(struct image *image)
{
	size_t at;

	for (at = OBJECTS; at + 2 * OBJECT_STEP < SIZE / 2; at += OBJECT_STEP) {
		memcpy(image->bytes + at, &(uint64_t){BASE + at + OBJECT_STEP}, 8);
		image->bytes[at + 9] = (uint8_t)(LUA_STRING + chance(9));
	}
	memcpy(image->bytes + 0x70 + 0x28, &(uint64_t){BASE + OBJECTS}, 8);
	memcpy(image->bytes + 0x70 + 0x110, &(uint64_t){(~11ULL << 47) | (BASE + OBJECTS)}, 8);
}

static void walk_garbage(struct image *image)
{
	struct heap_vm vms[2];
	struct objects objects;
	static struct stream out;
	size_t i;

	for (i = 0; i < SIZE; i += 8)
		memcpy(image->bytes + i, &(uint64_t){any_word()}, 8);
	chain_objects(image);
	vms[0] = any_vm(BASE + chance(SIZE / 8) * 8);
	vms[1] = any_vm(BASE);
	/* A table of strings that is as large as it can be. */
	memcpy(image->bytes + 0x70 + vms[1].gc.string_mask, &(uint32_t){UINT32_MAX >> chance(32)},
	       4);
	CHECK(objects_open(&objects, image, vms, 2));
	CHECK(objects.count <= SIZE / 8);
	listed += objects.count;
	stream_open(&out, open("/dev/null", O_WRONLY | O_CLOEXEC));
	CHECK(walk_objects(&objects, vms, 2, &out));
	CHECK(stream_end(&out));
	close(out.fd);
	objects_close(&objects);
}

static void test_garbage(void)
{
	struct image_region regions[] = {{BASE, BASE + SIZE / 2, 0},
					 {BASE + SIZE, BASE + SIZE + SIZE / 2, SIZE / 2}};
	struct image image = {.bytes = malloc(SIZE), .size = SIZE, .regions = regions, .count = 2};
	int i;

	CHECK(image.bytes);
	for (i = 0; i < ROUNDS; i++)
		walk_garbage(&image);
	/* Else nothing was tried. */
	CHECK(listed > ROUNDS * 500);
	free(image.bytes);
}

/* A ring of objects, and objects within each other. */
static void test_rings(void)
{
	struct image_region region = {BASE, BASE + SIZE, 0};
	struct image image = {
		.bytes = calloc(1, SIZE), .size = SIZE, .regions = &region, .count = 1};
	struct heap_vm vm = any_vm(BASE);
	struct objects objects;
	uint64_t at;

	CHECK(image.bytes);
	for (at = 0x1000; at < SIZE - 16; at += 16) {
		memcpy(image.bytes + at, &(uint64_t){BASE + (at + 16) % SIZE}, 8);
		image.bytes[at + 9] = LUA_TABLE;
	}
	memcpy(image.bytes + SIZE - 32, &(uint64_t){BASE + 0x1000}, 8);
	memcpy(image.bytes + 0x70 + vm.gc.root, &(uint64_t){BASE + 0x1000}, 8);
	CHECK(objects_open(&objects, &image, &vm, 1));
	CHECK(objects.count >= (SIZE - 0x1000) / 16 - 2 && objects.count <= SIZE / 16);
	objects_close(&objects);
	free(image.bytes);
}

int main(void)
{
	RUN(test_garbage());
	RUN(test_rings());
	return CHECKS_RESULT;
}
