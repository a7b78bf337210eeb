/* SPDX-License-Identifier: MIT */
#include "luajit/digest.h"

#include <stdlib.h>
#include <string.h>

#include "luajit/bytecode.h"

/* No more of one function is looked at, nor of what all functions within it have together. */
#define OBJECT_MAX (128u << 10)
#define OBJECTS_MAX 64
#define DEPTH_MAX 4
#define CONSTANTS_MAX 512
#define TEXT_MAX 72

/* As the VM numbers them. */
enum op {
	OP_ITERC = 69,
	OP_ITERN = 70,
	OP_ISNEXT = 72,
	OP_RETM = 73,
	OP_RET1 = 76,
	OP_FORI = 77,
	OP_JFORI = 78,
	OP_FORL = 79,
	OP_JFORL = 81,
	OP_ITERL = 82,
	OP_JITERL = 84,
	OP_LOOP = 85,
	OP_JLOOP = 87,
	OP_JMP = 88,
};

struct digest {
	const struct memory *memory;
	const struct layout *layout;
	uint64_t hash;
	uint32_t objects;
};

static void mix(struct digest *d, uint64_t value)
{
	uint64_t x = (d->hash ^ value) * 0x9e3779b97f4a7c15ULL;

	d->hash = (x ^ (x >> 29)) * 0xbf58476d1ce4e5b9ULL + 1;
}

static void mix_bytes(struct digest *d, const uint8_t *bytes, size_t size)
{
	uint64_t word;

	mix(d, size);
	for (; size >= sizeof(word); size -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		mix(d, word);
	}
	word = 0;
	memcpy(&word, bytes, size);
	mix(d, word);
}

/*
 * An instruction as the compiler wrote it. Loops, iterators and returns that begin a trace become
 * JLOOP with the trace's number; loops have three forms each; what iterates over pairs() becomes an
 * ordinary call where it is not next() that it calls.
 */
static uint32_t as_written(uint32_t instruction)
{
	uint32_t op = bytecode_op(instruction), a = bytecode_a(instruction);

	if ((op >= OP_RETM && op <= OP_RET1) || (op >= OP_LOOP && op <= OP_JLOOP) ||
	    op == OP_ITERC || op == OP_ITERN)
		return OP_JLOOP;
	if (op >= OP_FORL && op <= OP_JFORL)
		return OP_FORL | a << 8;
	if (op >= OP_ITERL && op <= OP_JITERL)
		return OP_ITERL | a << 8;
	if (op == OP_FORI || op == OP_JFORI)
		return (instruction & ~0xffu) | OP_FORI;
	if (op == OP_ISNEXT)
		return (instruction & ~0xffu) | OP_JMP;
	return instruction;
}

static void add_proto(struct digest *d, const struct proto *p, uint32_t depth);

/* A string by its text, a function by its code, a table by no more than that it is one. */
static void add_object(struct digest *d, uint64_t address, uint32_t depth)
{
	uint8_t raw[STRING_DATA + TEXT_MAX] = {0};
	size_t got = memory_read_some(d->memory, address, raw, sizeof(raw));
	uint8_t type = raw[layout_type(d->layout)];
	uint32_t length, at = layout_string_data(d->layout);
	struct proto child;

	mix(d, type);
	if (type == LUA_STRING && got > at) {
		memcpy(&length, raw + d->layout->string_length, sizeof(length));
		mix(d, length);
		got -= at;
		mix_bytes(d, raw + at, length < got ? length : got);
	} else if (type == LUA_PROTO && depth < DEPTH_MAX && d->objects < OBJECTS_MAX &&
		   proto_read(d->memory, d->layout, address, &child)) {
		add_proto(d, &child, depth + 1);
	}
}

/* The bytes of an object that were read. */
struct object_bytes {
	const uint8_t *bytes;
	uint64_t address;
	size_t size;
};

static void add_bytes(struct digest *d, const struct object_bytes *o, uint64_t from, uint64_t to)
{
	uint64_t end = o->address + o->size;

	if (!from || from < o->address || from >= end || to <= from)
		return;
	mix_bytes(d, o->bytes + (from - o->address), (to < end ? to : end) - from);
}

static void add_code(struct digest *d, const struct object_bytes *o, const struct proto *p)
{
	const uint8_t *code = o->bytes + (p->code - o->address);
	size_t room = (o->size - (p->code - o->address)) / 4;
	uint32_t instruction;

	mix(d, p->bytecodes);
	/* The first one is the function's header, which says nothing but how it is compiled. */
	for (uint32_t i = 1; i < p->bytecodes && i < room; i++) {
		memcpy(&instruction, code + i * 4ULL, sizeof(instruction));
		mix(d, as_written(instruction));
	}
}

static void add_constants(struct digest *d, const struct object_bytes *o, const struct proto *p,
			  uint32_t depth)
{
	uint32_t width = layout_reference(d->layout);
	uint64_t at, reference;

	mix(d, (uint64_t)p->gc_constants << 32 | p->numbers);
	for (uint32_t i = 0; i < p->gc_constants && i < CONSTANTS_MAX; i++) {
		at = p->constants - width * (uint64_t)(i + 1);
		if (at < o->address || at - o->address > o->size ||
		    width > o->size - (at - o->address))
			break;
		reference = 0;
		memcpy(&reference, o->bytes + (at - o->address), width);
		add_object(d, reference, depth);
	}
	add_bytes(d, o, p->constants, p->constants + 8ULL * p->numbers);
}

static void add_proto(struct digest *d, const struct proto *p, uint32_t depth)
{
	size_t size = p->end - p->address < OBJECT_MAX ? p->end - p->address : OBJECT_MAX;
	uint8_t *bytes = malloc(size);
	struct object_bytes o = {bytes, p->address, size};

	d->objects++;
	if (bytes && memory_read(d->memory, p->address, bytes, size)) {
		mix(d, (uint64_t)p->parameters << 8 | p->upvalue_count);
		/* Of one that stands within another, the line says where. */
		if (depth)
			mix(d, (uint64_t)p->first_line << 32 | p->lines);
		add_code(d, &o, p);
		add_constants(d, &o, p, depth);
		add_bytes(d, &o, p->upvalues, p->upvalues + 2ULL * p->upvalue_count);
		add_bytes(d, &o, p->line_info, p->end);
	} else if (!depth) {
		d->hash = 0;
	}
	free(bytes);
}

uint32_t proto_digest(const struct memory *m, const struct layout *layout, const struct proto *p)
{
	struct digest d = {.memory = m, .layout = layout, .hash = 0x243f6a8885a308d3ULL};
	uint32_t folded;

	add_proto(&d, p, 0);
	if (!d.hash)
		return 0;
	folded = (uint32_t)(d.hash ^ (d.hash >> 32));
	return folded ? folded : 1;
}
