/* SPDX-License-Identifier: MIT */
/*
 * Memory that may hold a Lua VM, to what looks for VMs, derives their layout and reads the names
 * in their modules. The input is memory from ARENA on; its first half is data, the other half code
 * of a file.
 */
#include "bytes.h"

#include <stdlib.h>

#include "host/pagemap.h"
#include "instruments/waiting/wait_peer.h"
#include "luajit/blacklist.h"
#include "luajit/catalogue.h"
#include "luajit/compiler.h"
#include "luajit/digest.h"
#include "luajit/holders.h"
#include "luajit/scan.h"
#include "luajit/vm.h"

#define ARENA 0x10000ULL
#define PAGE 4096
#define HITS 8

static struct bytes arena;

size_t memory_read_some(const struct memory *m, uint64_t address, void *out, size_t size)
{
	(void)m;
	return address < ARENA ? 0 : (size_t)bytes_read(&arena, out, size, address - ARENA);
}

bool memory_read(const struct memory *m, uint64_t address, void *out, size_t size)
{
	return memory_read_some(m, address, out, size) == size;
}

void memory_read_each(const struct memory *m, const uint64_t *addresses, size_t count, size_t size,
		      void *out)
{
	for (size_t i = 0; i < count; i++)
		if (!memory_read(m, addresses[i], (uint8_t *)out + i * size, size))
			memset((uint8_t *)out + i * size, 0, size);
}

void memory_by_call(void)
{
}

/* All pages are there. */
int pagemap_open(pid_t pid)
{
	(void)pid;
	return -1;
}

void pagemap_read(int pagemap, uint64_t address, size_t count, uint64_t *out)
{
	(void)pagemap;
	(void)address;
	memset(out, 0xff, count * sizeof(*out));
}

static void read_compiler(const struct lua_vm *vm)
{
	static struct compiler compiler;
	struct blacklisted_place places[8];
	struct proto proto;
	const char *why;
	uint32_t traces;

	if (!compiler_read(vm, NULL, &compiler, &why))
		return;
	compiler_count_traces(vm, &compiler, &traces);
	for (size_t i = 0; i < PENALTY_SLOTS; i++)
		if (compiler.penalties[i].pc &&
		    proto_around(&vm->memory, &vm->layout, compiler.penalties[i].pc, &proto))
			blacklisted_places(vm, &proto, places, 8);
}

/* Coroutines that wait, their stacks, and whom they wait for. */
static void read_parked(const struct lua_vm *vm)
{
	static struct parked_list parked;
	static struct parked_stack stack;
	char peer[WAIT_PEER];
	uint64_t table = 0;

	if (!parked.items && !parked_open(&parked))
		return;
	parked_walk_begin(1);
	parked_read(&parked, vm, &table);
	parked_read_rest(&parked, vm, 0);
	for (size_t i = 0; i < parked.count; i++) {
		parked_walk(&parked.items[i], vm, &stack);
		parked_child(&parked.items[i], vm, 1);
		wait_peer_of_socket(&parked.items[i], peer);
	}
}

/* Functions of the first chunks that modules have, and what is in the arena. */
static void search_holders(const struct lua_vm *vm)
{
	const struct catalogue_closure *closures;
	struct proto proto;
	size_t count;

	closures = catalogue_closures(vm->catalogue, &count);
	for (size_t i = 0; i <= count && i < 4; i++) {
		if (!proto_read(&vm->memory, &vm->layout, i < count ? closures[i].proto : ARENA,
				&proto))
			continue;
		proto_digest(&vm->memory, &vm->layout, &proto);
		holders_search(vm->catalogue, &vm->memory, &vm->layout, vm->global, &proto, i & 1);
	}
}

static void open_vms(const struct mappings *maps, const struct scan_hit *hits, size_t count)
{
	const struct memory memory = {1};
	const char *why, *name;
	enum catalogue_rank rank;
	struct sampled_vm sampled;
	struct lua_vm *vm, *sibling;

	for (size_t i = 0; i < count; i++) {
		vm = vm_open(&memory, maps, hits[i].main_thread, hits[i].state_size, hits[i].gc32,
			     &why);
		if (!vm)
			continue;
		vm_describe(vm, &sampled);
		jit_begin(vm->jit, 1000);
		catalogue_read(vm->catalogue, &vm->memory, &vm->layout, vm->global);
		catalogue_lua(vm->catalogue, ARENA, &name, &rank);
		search_holders(vm);
		read_compiler(vm);
		read_parked(vm);
		sibling = vm_sibling(vm, vm->global);
		vm_free(sibling);
		vm_free(vm);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct memory memory = {1};
	uint64_t half = size / 2 / PAGE * PAGE;
	struct mapping items[] = {
		{ARENA, ARENA + half, 0, "rw-p", 0, 0, "", false},
		{ARENA + half, ARENA + size, 0, "r-xp", 7, 7, "/usr/lib/luajit.so", false},
	};
	struct mappings maps = {items, 2};
	struct scan_hit hits[HITS];

	arena = (struct bytes){data, size};
	if (!half)
		return 0;
	open_vms(&maps, hits, scan_quick(&memory, &maps, hits, HITS));
	open_vms(&maps, hits, scan_all(&memory, &maps, size, hits, HITS));
	/* Where a scan would not find one. */
	for (size_t i = 0; i < 3; i++)
		hits[i] = (struct scan_hit){ARENA, 0x60 + 8 * (uint32_t)i, 0};
	open_vms(&maps, hits, 3);
	return 0;
}
