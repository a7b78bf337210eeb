/* SPDX-License-Identifier: MIT */
#include "heap/alive.h"

#include "luajit/object.h"

#define PAGE 4096
#define GLOBAL_READ 0x600
/* The allocator puts a VM behind its own state, at one of these places of a page. */
static const uint32_t places[] = {0x378, 0x380};

static bool is_type(struct image *image, uint64_t address, int type)
{
	const uint8_t *head = image_at(image, address, 16);

	return head && head[9] == type;
}

/* A VM that is being made, or ended while its memory stayed, fits in some of this at most. */
static bool is_whole(struct image *image, const struct heap_vm *vm)
{
	const uint8_t *main = image_at(image, vm->main_thread, vm->layout.state_size),
		      *g = image_at(image, vm->global, GLOBAL_READ);
	uint64_t total, registry, mask;

	if (!main || !g || main[9] != LUA_THREAD || u64_at(main, 0x10) != vm->global ||
	    u64_at(g, vm->layout.main_thread) != vm->main_thread)
		return false;
	total = u64_at(g, vm->gc.total);
	registry = u64_at(g, vm->layout.registry);
	mask = u32_at(g, vm->gc.string_mask);
	return total > GLOBAL_READ && total < image->size * 2 && VALUE_IS(registry, LUA_TABLE) &&
	       is_type(image, VALUE_POINTER(registry), LUA_TABLE) && !((mask + 1) & mask) &&
	       (mask + 1) * 8 < total &&
	       image_at(image, u64_at(g, vm->gc.string_table), (mask + 1) * 8);
}

static void add(struct image *image, struct heap_vm vm, uint64_t main_thread, struct heap_vm *out,
		size_t *count, size_t capacity)
{
	size_t i;

	for (i = 0; i < *count; i++)
		if (out[i].main_thread == main_thread)
			return;
	vm.main_thread = main_thread;
	vm.global = main_thread + vm.layout.state_size;
	if (*count == capacity || !is_whole(image, &vm))
		return;
	vm.types = u64_at(image_at(image, vm.global, GLOBAL_READ), vm.layout.jit_base + 8);
	out[(*count)++] = vm;
}

size_t vms_alive(struct image *image, const struct heap_vm *known, size_t known_count,
		 struct heap_vm *out, size_t capacity)
{
	size_t count = 0, i, k, n;
	uint64_t page;

	for (i = 0; i < known_count; i++)
		add(image, known[i], known[i].main_thread, out, &count, capacity);
	for (i = 0; i < image->count; i++)
		for (page = image->regions[i].start; page < image->regions[i].end; page += PAGE)
			for (k = 0; k < sizeof(places) / sizeof(*places); k++)
				for (n = 0; n < known_count; n++)
					if (is_type(image, page + places[k], LUA_THREAD))
						add(image, known[n], page + places[k], out, &count,
						    capacity);
	return count;
}
