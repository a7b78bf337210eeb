/* SPDX-License-Identifier: MIT */
#include "heap/find.h"

#include <stdio.h>
#include <string.h>

#include "luajit/scan.h"
#include "trace/failure.h"
#include "trace/process_error.h"

#define HITS_MAX 64
#define SCAN_LIMIT (512ULL << 20)
/* LuaJIT's own allocator keeps its state at the head of the segment whose first object the VM is.
 */
#define ALLOCATOR_STATE_MAX 0x1000

static bool open_vm(const struct memory *m, const struct mappings *maps, const struct scan_hit *hit,
		    struct heap_vm *vm, const char **why)
{
	uint64_t handler;

	*why = "it runs LuaJIT with 32-bit references (no GC64), whose heap cannot be read yet";
	if (hit->gc32)
		return false;
	if (!layout_derive(m, maps, hit->main_thread, hit->state_size, false, &vm->layout, &handler,
			   why))
		return false;
	vm->main_thread = hit->main_thread;
	vm->global = hit->main_thread + hit->state_size;
	vm->gc = collector_offsets(&vm->layout);
	if (!memory_u64(m, vm->global + vm->layout.jit_base + 8, &vm->types))
		vm->types = 0;
	return true;
}

static bool has_own_allocator(const struct memory *m, const struct heap_vm *vm)
{
	uint64_t data;

	return memory_u64(m, vm->global + vm->gc.allocator_data, &data) && data &&
	       vm->main_thread - data < ALLOCATOR_STATE_MAX;
}

/* Where malloc's heap begins, if no VM takes its memory from malloc. */
static uint64_t find_skipped(const struct memory *m, const struct mappings *maps,
			     const struct heap_vm *vms, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!has_own_allocator(m, &vms[i]))
			return 0;
	for (i = 0; i < maps->count; i++)
		if (!strcmp(maps->items[i].path, "[heap]"))
			return maps->items[i].start;
	return 0;
}

static size_t open_hits(const struct memory *m, const struct mappings *maps,
			const struct scan_hit *hits, size_t n, struct heap_vm *out,
			const char **why)
{
	size_t count = 0, i;

	for (i = 0; i < n && count < HEAP_VMS; i++)
		count += open_vm(m, maps, &hits[i], &out[count], why);
	return count;
}

size_t heap_find_vms(pid_t pid, struct heap_vm *out, uint64_t *skip_start,
		     struct trace_error *error)
{
	const struct memory m = {.pid = pid};
	struct scan_hit hits[HITS_MAX];
	struct mappings maps;
	const char *why = "no Lua VM was found in it";
	size_t count, n;
	int code = mappings_read(pid, &maps);

	if (code) {
		process_error(error, pid, -code);
		return 0;
	}
	n = scan_quick(&m, &maps, hits, HITS_MAX);
	count = open_hits(&m, &maps, hits, n, out, &why);
	if (!count) {
		n = scan_all(&m, &maps, SCAN_LIMIT, hits, HITS_MAX);
		count = open_hits(&m, &maps, hits, n, out, &why);
	}
	*skip_start = find_skipped(&m, &maps, out, count);
	mappings_free(&maps);
	if (count)
		return count;
	error->kind = FAILURE_OTHER;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text),
		 "The heap of process %d cannot be read: %s. Choose a worker that runs Lua.",
		 (int)pid, why);
	return 0;
}
