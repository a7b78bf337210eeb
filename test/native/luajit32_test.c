/* SPDX-License-Identifier: MIT */
/* Readers of a VM's objects in builds without GC64, over this process's own low memory. */
/* modules: luajit/object.c luajit/proto.c luajit/bytecode.c luajit/snapshot.c */
/* modules: luajit/scan.c luajit/segments.c native/mappings.c */
#include "check.h"

#include <linux/types.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "luajit/bytecode.h"
#include "luajit/object.h"
#include "luajit/proto.h"
#include "luajit/scan.h"
#include "luajit/snapshot.h"

#define ARENA_SIZE 0x10000

static struct memory own;
static const struct layout layout = {.gc32 = true, .string_length = 0x10};
static const struct layout old_layout = {.gc32 = true, .string_length = 0x0c};
static uint8_t *arena; /* below 4 GiB, as all that such a VM refers to */

static uint64_t address(size_t offset)
{
	return (uint64_t)(uintptr_t)(arena + offset);
}

static void set32(size_t offset, uint64_t value)
{
	uint32_t narrow = (uint32_t)value;

	memcpy(arena + offset, &narrow, sizeof(narrow));
}

static void set64(size_t offset, uint64_t value)
{
	memcpy(arena + offset, &value, sizeof(value));
}

/* The type of a value, as its upper half has it. */
static uint64_t typed(int type, size_t offset)
{
	return (uint64_t)(uint32_t)~type << 32 | address(offset);
}

static uint64_t make_string(size_t at, const struct layout *l, const char *text)
{
	arena[at + 5] = LUA_STRING;
	set32(at + l->string_length, strlen(text));
	memcpy(arena + at + layout_string_data(l), text, strlen(text));
	return address(at);
}

static void reads_strings_and_tables(void)
{
	uint64_t value = 0;
	char out[16];

	make_string(0x100, &layout, "access");
	CHECK(string_read(&own, &layout, address(0x100), out, sizeof(out), NULL) == 6);
	CHECK(!memcmp(out, "access", 6));
	make_string(0x140, &old_layout, "older");
	CHECK(string_read(&own, &old_layout, address(0x140), out, sizeof(out), NULL) == 5);
	/* A table of two nodes; the first has a number for its key. */
	arena[0x180 + 5] = LUA_TABLE;
	set32(0x180 + 0x14, address(0x200));
	set32(0x180 + 0x1c, 1);
	set64(0x200 + 8, 0x4059fff400000000);
	set64(0x218, typed(LUA_FUNCTION, 0x300));
	set64(0x218 + 8, typed(LUA_STRING, 0x100));
	CHECK(table_find(&own, &layout, address(0x180), "access", &value));
	CHECK(VALUE_IS(value, LUA_FUNCTION) && VALUE_POINTER(value) == address(0x300));
	CHECK(!table_find(&own, &layout, address(0x180), "log", &value));
	CHECK(!table_find(&own, &layout, address(0x100), "access", &value));
	/* A number whose upper half ends as a type does. */
	CHECK(object_value(&layout, 0x4059fff400000000) == 0);
}

#define INSTRUCTION(op, a, d) ((uint32_t)(op) | (uint32_t)(a) << 8 | (uint32_t)(d) << 16)
#define PROTO 0x1000
#define CODE (PROTO + PROTO_SIZE_32)

/* The end of a prototype's two references, which stand behind its instructions. */
static size_t constants_of(size_t proto, uint32_t n)
{
	return (proto + PROTO_SIZE_32 + 4 * n + 8 + 7) & ~7ULL;
}

/* A prototype of `n` instructions that is a kilobyte large, and a Lua function of it. */
static void make_function(size_t proto, size_t function, uint32_t n)
{
	memset(arena + proto, 0, 0x400);
	arena[proto + 5] = LUA_PROTO;
	set32(proto + 0x08, n);
	set32(proto + 0x10, address(constants_of(proto, n)));
	set32(proto + 0x18, 2);
	set32(proto + 0x20, 0x400);
	set32(proto + 0x28, address(0x100)); /* name of the chunk */
	set32(proto + 0x2c, 10);
	set32(proto + 0x30, 20);
	set32(proto + 0x34, address(proto + 0x300)); /* lines */
	memset(arena + function, 0, 0x30);
	arena[function + 5] = LUA_FUNCTION;
	set32(function + 0x10, address(proto + PROTO_SIZE_32));
}

static void reads_functions(void)
{
	enum { GGET = 54, CALL = 66, RET1 = 76 };
	struct function_head head;
	struct proto p, around;
	char out[16];

	make_function(PROTO, 0x900, 8);
	arena[PROTO + 0x300 + 2] = 7;
	set32(constants_of(PROTO, 8) - 4, address(0x100));
	set32(CODE + 4, INSTRUCTION(GGET, 3, 0));
	set32(CODE + 8, INSTRUCTION(CALL, 3, 0));
	CHECK(function_read(&own, &layout, address(0x900), &head) && !head.ffid);
	CHECK(head.pc == address(CODE));
	CHECK(proto_read(&own, &layout, address(PROTO), &p) && p.code == address(CODE));
	CHECK(p.first_line == 10 && p.lines == 20);
	CHECK(proto_position(&own, &p, address(CODE + 16)) == 3);
	CHECK(proto_line(&own, &p, 3) == 17);
	CHECK(bytecode_called_name(&own, &layout, &p, 2, 0, out, sizeof(out)) == 6);
	CHECK(!memcmp(out, "access", 6));
	CHECK(proto_around(&own, &layout, address(CODE + 12), &around));
	CHECK(around.address == p.address && around.print == p.print);
	/* A return into a loop that was compiled: its first instruction is in the trace. */
	set32(0x980, address(CODE + 20));
	set32(0x984, INSTRUCTION(RET1, 0, 2));
	CHECK(proto_position(&own, &p, address(0x988)) == 5);
	set32(PROTO + 0x20, PROTO_SIZE_32);
	CHECK(!proto_read(&own, &layout, address(PROTO), &p));
}

static void add_snapshot(size_t at, uint32_t map, uint32_t mcode, uint32_t entries)
{
	memset(arena + at, 0, 12);
	set32(at, map);
	arena[at + 6] = mcode;
	arena[at + 10] = entries;
}

/*
 * Slot 0's function calls, from slot 2, the one in slot 3, which calls by a metamethod (link and
 * position are two words) the one in slot 8. Then all of that has returned.
 */
static void decodes_snapshots(void)
{
	enum { FRAME = 0x010000, OUTER = 0x2000, INNER = 0x2400, META = 0x2800, IR = 0x3000 };
	struct snapshot_pair around;
	const struct inlined *inlined;
	struct trace_snapshots s;
	size_t map = 0x3800;

	make_function(OUTER, 0xa00, 8);
	make_function(INNER, 0xa40, 8);
	make_function(META, 0xa80, 8);
	set32(OUTER + PROTO_SIZE_32 + 8, INSTRUCTION(66, 2, 0));
	set32(IR + 8, address(0xa40));
	set32(IR + 16, address(0xa80));
	set32(map, 1u << 24 | 0x7fff);
	set32(map + 4, 3u << 24 | FRAME | 0x7ff1);
	set32(map + 8, 8u << 24 | FRAME | 0x7ff2);
	set32(map + 12, address(META + PROTO_SIZE_32 + 4));
	set32(map + 16, 5u << 3 | 2);
	set32(map + 20, address(INNER + PROTO_SIZE_32 + 12));
	set32(map + 24, address(OUTER + PROTO_SIZE_32 + 12));
	set32(map + 28, address(OUTER + PROTO_SIZE_32 + 16));
	add_snapshot(0x3900, 0, 10, 3);
	add_snapshot(0x390c, 7, 50, 0);
	snapshots_read(&s, &own, &layout, address(IR) - 8ull * 0x7ff0, 0x7ff0, address(0x3900), 2,
		       address(map), 8);
	around = snapshots_around(&s, &own, 20);
	inlined = snapshots_between(&around);
	CHECK(inlined && inlined->count == 3 && !inlined->tail_called);
	CHECK(inlined->frames[0].proto == address(META));
	CHECK(inlined->frames[0].pc == address(META + PROTO_SIZE_32 + 4));
	CHECK(inlined->frames[1].proto == address(INNER));
	CHECK(inlined->frames[1].pc == address(INNER + PROTO_SIZE_32 + 8));
	CHECK(inlined->frames[2].pc == address(OUTER + PROTO_SIZE_32 + 8));
	CHECK(around.next && around.next->count == 1);
	around = snapshots_around(&s, &own, 60);
	inlined = snapshots_between(&around);
	CHECK(!around.next);
	CHECK(inlined && inlined->count == 1);
	CHECK(inlined->frames[0].pc == address(OUTER + PROTO_SIZE_32 + 16));
	snapshots_free(&s);
	/* One link more than there are frames: nothing is said. */
	add_snapshot(0x390c, 8, 50, 0);
	set32(map + 32, address(OUTER + PROTO_SIZE_32 + 16));
	snapshots_read(&s, &own, &layout, address(IR) - 8ull * 0x7ff0, 0x7ff0, address(0x3900), 2,
		       address(map), 9);
	around = snapshots_around(&s, &own, 20);
	CHECK(!snapshots_between(&around));
	snapshots_free(&s);
}

/* Where LuaJIT's allocator puts them: a thread that points behind itself, and the way back. */
static void finds_the_main_thread(void)
{
	size_t thread = 0x8380, global = thread + 0x50, found = 0;
	struct mappings all_maps, maps = {.count = 1};
	struct scan_hit hits[8];

	arena[thread + 5] = LUA_THREAD;
	set32(thread + 8, address(global));
	CHECK(!mappings_read(getpid(), &all_maps));
	/* The sanitizer's own memory is as good as endless. */
	maps.items = (struct mapping *)mappings_find(&all_maps, address(0));
	CHECK(maps.items);
	for (int back = 0; back < 2; back++) {
		set32(global + 0x94, back ? address(thread) : 0);
		for (int all = 0; all < 2; all++) {
			size_t n = all ? scan_all(&own, &maps, 1ull << 32, hits, 8)
				       : scan_quick(&own, &maps, hits, 8);

			for (size_t i = 0; i < n; i++)
				if (hits[i].main_thread == address(thread) && hits[i].gc32)
					found += hits[i].state_size == 0x50;
		}
		CHECK(found == (back ? 2u : 0u));
	}
	mappings_free(&all_maps);
}

int main(void)
{
	own.pid = getpid();
	arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	CHECK(arena != MAP_FAILED);
	RUN(reads_strings_and_tables());
	RUN(reads_functions());
	RUN(decodes_snapshots());
	RUN(finds_the_main_thread());
	return CHECKS_RESULT;
}
