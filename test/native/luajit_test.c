/* SPDX-License-Identifier: MIT */
/* Readers of a VM's objects, over this process's own memory. */
/* modules: luajit/object.c luajit/proto.c luajit/bytecode.c luajit/snapshot.c */
/* modules: luajit/abort_reason.c luajit/compiler.c luajit/blacklist.c */
#include "check.h"

#include <linux/types.h>
#include <sys/types.h>
#include <unistd.h>

#include "luajit/abort_reason.h"
#include "luajit/blacklist.h"
#include "luajit/bytecode.h"
#include "luajit/compiler.h"
#include "luajit/object.h"
#include "luajit/proto.h"
#include "luajit/snapshot.h"

#define HEAD_WORDS (PROTO_SIZE / 8)

static struct memory own;
static const struct layout layout = {.string_length = 0x14};

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static uint64_t random_word(void)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

struct string {
	uint8_t head[STRING_DATA];
	char text[40];
};

static uint64_t make_string(struct string *s, const char *text)
{
	uint32_t length = strlen(text);

	memset(s, 0, sizeof(*s));
	s->head[9] = LUA_STRING;
	memcpy(s->head + layout.string_length, &length, 4);
	memcpy(s->text, text, length);
	return address(s);
}

static void reads_strings(void)
{
	struct string s;
	char out[16];
	uint32_t length;

	make_string(&s, "access");
	CHECK(string_read(&own, &layout, address(&s), out, sizeof(out), &length) == 6);
	CHECK(length == 6 && !memcmp(out, "access", 6));
	CHECK(string_read(&own, &layout, address(&s), out, 3, NULL) == 3);
	s.head[9] = LUA_TABLE;
	CHECK(!string_read(&own, &layout, address(&s), out, sizeof(out), NULL));
	CHECK(!string_read(&own, &layout, 8, out, sizeof(out), NULL));
	CHECK(!string_read(&own, &layout, ~0ull, out, sizeof(out), NULL));
}

/* A prototype of eight instructions with line information of the given width. */
struct made_proto {
	union {
		uint64_t words[HEAD_WORDS];
		uint8_t bytes[PROTO_SIZE];
	} head;
	uint32_t code[8];
	uint64_t constants[2];
	uint8_t lines[32];
	char names[32];
};

static void set32(struct made_proto *p, size_t at, uint32_t value)
{
	memcpy(p->head.bytes + at, &value, 4);
}

static void make_proto(struct made_proto *p, uint64_t chunkname, uint32_t lines)
{
	memset(p, 0, sizeof(*p));
	p->head.bytes[9] = LUA_PROTO;
	set32(p, 0x0c, 8);
	p->head.words[0x20 / 8] = address(p->constants + 2);
	set32(p, 0x30, 2);
	set32(p, 0x38, sizeof(*p));
	p->head.words[0x40 / 8] = chunkname;
	set32(p, 0x48, 10);
	set32(p, 0x4c, lines);
	p->head.words[0x50 / 8] = address(p->lines);
	p->head.words[0x58 / 8] = address(p->names);
	p->head.words[0x60 / 8] = address(p->names + 16);
}

static const struct inlined *decode(struct trace_snapshots *s, const struct memory *m,
				    uint64_t offset)
{
	struct snapshot_pair around = snapshots_around(s, m, offset);

	return snapshots_between(&around);
}

static void finds_lines(void)
{
	static const uint32_t widths[][2] = {{200, 1}, {300, 2}, {70000, 4}};
	struct made_proto made;
	struct proto p;

	for (size_t i = 0; i < 3; i++) {
		uint32_t lines = widths[i][0], width = widths[i][1], delta = lines - 1;

		make_proto(&made, address(&made), lines);
		memcpy(made.lines + 2 * width, &delta, width);
		CHECK(proto_read(&own, &layout, address(&made), &p));
		CHECK(proto_line(&own, &p, 0) == 10);
		CHECK(proto_line(&own, &p, 3) == 10 + delta);
		CHECK(proto_line(&own, &p, 8) == 10 + lines);
		CHECK(proto_line(&own, &p, 9) == 0 && proto_line(&own, &p, NO_POSITION) == 0);
	}
	CHECK(proto_position(&own, &p, address(made.code)) == 0);
	CHECK(proto_position(&own, &p, address(made.code + 1)) == 0);
	CHECK(proto_position(&own, &p, address(made.code + 4)) == 3);
	CHECK(proto_position(&own, &p, 0) == NO_POSITION);
	CHECK(proto_position(&own, &p, address(made.code) - 4) == NO_POSITION);
	p.line_info = 0;
	CHECK(proto_line(&own, &p, 3) == 0);
}

static void finds_a_prototype_by_its_code(void)
{
	static struct {
		uint8_t before[8192];
		struct made_proto made;
	} memory;
	uint64_t pc = address(memory.made.code + 3);
	struct proto p;

	make_proto(&memory.made, address(&memory), 10);
	CHECK(proto_around(&own, &layout, pc, &p) && p.address == address(&memory.made));
	/* Memory that only looks like one: random memory has its type now and then. */
	memory.made.head.words[0x20 / 8] -= 8;
	CHECK(proto_read(&own, &layout, address(&memory.made), &p));
	CHECK(!proto_around(&own, &layout, pc, &p));
}

static void finds_the_line_of_a_return(void)
{
	struct made_proto made;
	struct proto p;
	uint32_t position = 0;
	bool only = false;

	make_proto(&made, address(&made), 10);
	CHECK(proto_read(&own, &layout, address(&made), &p));
	CHECK(!proto_return(&own, &p, &position, &only));
	made.code[6] = 76;
	made.lines[5] = 4;
	CHECK(proto_return(&own, &p, &position, &only) && position == 6 && only);
	made.code[2] = 75;
	made.lines[1] = 4;
	CHECK(proto_return(&own, &p, &position, &only) && position == 6 && only);
	made.lines[1] = 3;
	CHECK(proto_return(&own, &p, &position, &only) && position == 6 && !only);
}

static void refuses_what_contradicts_itself(void)
{
	struct made_proto made;
	struct proto p;

	make_proto(&made, 0, 10);
	CHECK(!proto_read(&own, &layout, address(&made), &p));
	make_proto(&made, 8, 10);
	set32(&made, 0x38, PROTO_SIZE);
	CHECK(!proto_read(&own, &layout, address(&made), &p));
	make_proto(&made, 8, 10);
	made.head.words[0x50 / 8] = 16;
	CHECK(!proto_read(&own, &layout, address(&made), &p));
	CHECK(!proto_read(&own, &layout, 64, &p));
}

#define INSTRUCTION(op, a, d) ((uint32_t)(op) | (uint32_t)(a) << 8 | (uint32_t)(d) << 16)

static void names_what_a_call_calls(void)
{
	enum { MOV = 18, UGET = 45, GGET = 54, TGETS = 57, CALL = 66, ITERC = 69, ADDVV = 32 };
	struct string global, field;
	struct made_proto made;
	struct proto p;
	char out[32];

	make_proto(&made, 8, 10);
	made.constants[1] = make_string(&global, "print");
	made.constants[0] = make_string(&field, "access");
	memcpy(made.names, "one\0two\0", 8);
	made.code[1] = INSTRUCTION(GGET, 3, 0);
	made.code[2] = INSTRUCTION(CALL, 3, 0);
	made.code[3] = INSTRUCTION(TGETS, 5, 1);
	made.code[4] = INSTRUCTION(MOV, 3, 5);
	made.code[5] = INSTRUCTION(UGET, 6, 1);
	made.code[6] = INSTRUCTION(CALL, 3, 0);
	made.code[7] = INSTRUCTION(ADDVV, 3, 0);
	CHECK(proto_read(&own, &layout, address(&made), &p));
	CHECK(bytecode_called_name(&own, &layout, &p, 2, 0, out, sizeof(out)) == 5);
	CHECK(!memcmp(out, "print", 5));
	CHECK(bytecode_called_name(&own, &layout, &p, 6, 0, out, sizeof(out)) == 6);
	CHECK(!memcmp(out, "access", 6));
	/* The second argument is in the third slot above the function. */
	CHECK(bytecode_called_name(&own, &layout, &p, 6, 2, out, sizeof(out)) == 3);
	CHECK(!memcmp(out, "two", 3));
	CHECK(bytecode_called_name(&own, &layout, &p, 7, 0, out, sizeof(out)) == 5);
	CHECK(!memcmp(out, "__add", 5));
	CHECK(!bytecode_called_name(&own, &layout, &p, 8, 0, out, sizeof(out)));
	CHECK(!bytecode_called_name(&own, &layout, &p, 1, 1, out, sizeof(out)));
	/* A loop calls the copy of its iterator that is three slots below. */
	made.code[2] = INSTRUCTION(ITERC, 6, 0);
	CHECK(bytecode_called_name(&own, &layout, &p, 2, 0, out, sizeof(out)) == 5);
	CHECK(!memcmp(out, "print", 5));
	made.code[1] = INSTRUCTION(CALL, 3, 0);
	CHECK(bytecode_called_name(&own, &layout, &p, 2, 0, out, sizeof(out)) == 12);
	CHECK(!memcmp(out, "for iterator", 12));
}

static void survives_hostile_prototypes(void)
{
	struct made_proto made;
	struct string text;
	struct proto p;
	char out[24];

	for (int round = 0; round < 3000; round++) {
		make_proto(&made, make_string(&text, "@x"), (uint32_t)random_word() % 400);
		for (size_t i = 0; i < sizeof(made.code) / 4; i++)
			made.code[i] = (uint32_t)random_word() & (round % 2 ? ~0u : 0x07ff077f);
		for (size_t i = 0; i < sizeof(made.names); i++)
			made.names[i] = (char)random_word();
		made.constants[round % 2] = random_word() >> (random_word() % 40);
		if (round % 3 == 0)
			((uint8_t *)&made)[random_word() % PROTO_SIZE] = (uint8_t)random_word();
		if (!proto_read(&own, &layout, address(&made), &p))
			continue;
		for (uint32_t at = 0; at < 10; at++) {
			proto_line(&own, &p, at);
			CHECK(bytecode_called_name(&own, &layout, &p, at, round % 3, out,
						   sizeof(out)) <= sizeof(out));
		}
	}
}

/* A trace that calls an iterator in C: which one is computed, and it has no bytecode. */
static void keeps_a_frame_of_c_that_has_no_name(void)
{
	enum { FIRST = 0x8000 - 16, FRAME = 0x10000, ITERC = 69, FUNCC = 95, ADDVV = 32 };
	static uint32_t code[] = {INSTRUCTION(ITERC, 2, 0), INSTRUCTION(ADDVV, 0, 0),
				  INSTRUCTION(FUNCC, 20, 0)};
	uint64_t constants[16] = {[5] = address(code + 1)}, position = address(code + 2) << 8 | 4;
	uint32_t map[3] = {5u << 24 | FRAME | (FIRST + 4)};
	uint8_t item[12] = {[10] = 1};
	const struct inlined *inlined;
	struct trace_snapshots s;

	memcpy(map + 1, &position, sizeof(position));
	for (int round = 0; round < 2; round++) {
		snapshots_read(&s, &own, &layout, address(constants) - 8ull * FIRST, FIRST,
			       address(item), 1, address(map), 3);
		inlined = decode(&s, &own, 0);
		CHECK((inlined == NULL) == (round == 1));
		CHECK(!inlined || (inlined->count == 2 && !inlined->frames[0].proto));
		CHECK(!inlined || inlined->frames[0].c.ffid == FFID_UNKNOWN);
		CHECK(!inlined || inlined->frames[1].pc == address(code));
		snapshots_free(&s);
		/* Of Lua that is not found nothing is said. */
		code[2] = INSTRUCTION(ADDVV, 0, 0);
	}
}

static void survives_hostile_snapshots(void)
{
	static uint8_t items[12 * 8];
	static uint32_t map[256];
	static uint64_t constants[64];
	struct trace_snapshots s;
	unsigned decoded = 0;

	for (int round = 0; round < 20000; round++) {
		uint32_t at = 0;

		for (size_t i = 0; i < 256; i++)
			map[i] = (uint32_t)random_word() & 0x0f037fff;
		for (size_t i = 0; i < 64; i++)
			constants[i] = random_word() % 3
					       ? (random_word() % 200) << 3 | random_word() % 8
					       : address(constants + random_word() % 64);
		for (size_t i = 0; i < 8; i++) {
			uint8_t *item = items + 12 * i;
			uint16_t mcode = i * 10;

			memcpy(item, &at, 4);
			memcpy(item + 6, &mcode, 2);
			item[10] = random_word() % 28;
			at += item[10] + 2;
		}
		if (round % 4 == 0)
			items[random_word() % sizeof(items)] = (uint8_t)random_word();
		snapshots_read(&s, &own, &layout, address(constants) - 8ull * (0x8000 - 64),
			       0x8000 - 64, address(items), 8, address(map), 256);
		for (uint64_t offset = 0; offset < 400; offset += 7)
			decoded += decode(&s, &own, offset) != NULL;
		snapshots_free(&s);
	}
	CHECK(decoded > 0);
}

static void counts_aborts(void)
{
	static const struct {
		uint16_t value;
		uint32_t aborts;
		bool last;
	} known[] = {{72, 1, false},	{144, 2, false},   {159, 2, false},
		     {36864, 10, true}, {44529, 10, true}, {22257, 9, false}};
	char text[64];

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct penalty p = {.pc = 4, .value = known[i].value};

		CHECK(penalty_aborts(&p) == known[i].aborts);
		CHECK(penalty_is_last(&p) == known[i].last);
	}
	CHECK(abort_reason_text(8, text, sizeof(text)) == 26);
	CHECK(!strcmp(text, "leaving loop in root trace"));
	CHECK(abort_reason_text(35, text, sizeof(text)) == 9 && !strcmp(text, "reason 35"));
	CHECK(abort_reason_text(0, text, 6) == 5 && !strcmp(text, "error"));
}

/* The state of a compiler that has made nothing yet, and what a hostile one may look like. */
static void survives_hostile_compilers(void)
{
	static uint64_t memory[0x2000 / 8];
	struct lua_vm vm = {.memory = own,
			    .global = address(memory),
			    .layout = {.traces = 0x460, .cur_l = 0x170}};
	static struct compiler c, last;
	struct blacklisted_place places[4];
	struct made_proto made;
	struct proto p;
	uint32_t traces;
	const char *why;

	CHECK(compiler_read(&vm, NULL, &c, &why) && !c.code_bytes && !c.penalties[0].pc);
	CHECK(compiler_count_traces(&vm, &c, &traces) && !traces);
	for (int round = 0; round < 20000; round++) {
		size_t at = round % 2 ? random_word() % sizeof(memory) / 8
				      : (0x460 + 0xa40) / 8 + random_word() % 12;

		memory[at] = round % 3 ? random_word() : random_word() >> (random_word() % 64);
		if (compiler_read(&vm, &last, &c, &why))
			compiler_count_traces(&vm, &c, &traces);
		else
			CHECK(*why);
		if (round % 16 == 0)
			memset(memory, 0, sizeof(memory));
		last = c;
	}
	make_proto(&made, address(&made), 10);
	CHECK(proto_read(&own, &layout, address(&made), &p));
	made.code[3] = 80;
	CHECK(blacklisted_places(&vm, &p, places, 4) == 1 && places[0].position == 3);
	CHECK(places[0].kind == BLACKLISTED_LOOP);
	p.bytecodes = UINT32_MAX;
	blacklisted_places(&vm, &p, places, 4);
	vm.layout.gc32 = true;
	CHECK(!compiler_read(&vm, NULL, &c, &why) && *why);
}

int main(void)
{
	own.pid = getpid();
	RUN(reads_strings());
	RUN(finds_lines());
	RUN(finds_a_prototype_by_its_code());
	RUN(finds_the_line_of_a_return());
	RUN(refuses_what_contradicts_itself());
	RUN(names_what_a_call_calls());
	RUN(survives_hostile_prototypes());
	RUN(keeps_a_frame_of_c_that_has_no_name());
	RUN(survives_hostile_snapshots());
	RUN(counts_aborts());
	RUN(survives_hostile_compilers());
	return CHECKS_RESULT;
}
