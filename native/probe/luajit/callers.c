/* SPDX-License-Identifier: MIT */
#include "luajit/callers.h"

#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "luajit/bytecode.h"
#include "luajit/object.h"
#include "walk/arch.h"

#define BYTECODES_MAX 16384
#define NAME_MAX_LENGTH 128
/* Types of constants of a trace: in the lower bits of a byte of the instruction. */
#define CONSTANT_TYPE(instruction) ((uint32_t)((instruction) >> 32) & 31)
#define CONSTANT_PROTO 7
#define CONSTANT_FUNCTION 8
#define CONSTANT_ADDRESS 9
/* GCfuncL, GCupval and GCcdata of GC64 builds. */
#define TYPE_CDATA 10
#define FUNCTION_UPVALUES 0x28
#define UPVALUE_VALUE 0x20
#define CDATA_HEAD 0x10

/* ---- what was called ---------------------------------------------------------------------------
 */

/*
 * Reads what the instruction before `back` calls: 0 where it does by a register or is too far away.
 * False where it cannot be read or is no call.
 */
static bool called_by_code(const struct memory *m, uint64_t back, uint64_t *target)
{
#if defined(__TARGET_ARCH_x86)
	uint8_t code[5];
	int32_t distance;

	*target = 0;
	if (!memory_read(m, back - sizeof(code), code, sizeof(code)))
		return false;
	/* call register: ff /2 */
	if (code[3] == 0xff && (code[4] & 0xf8) == 0xd0)
		return true;
	memcpy(&distance, code + 1, sizeof(distance));
	*target = back + (uint64_t)(int64_t)distance;
	return code[0] == 0xe8;
#else
	uint32_t instruction;

	*target = 0;
	if (!memory_u32(m, back - 4, &instruction))
		return false;
	/* blr register */
	if ((instruction & 0xfffffc1f) == 0xd63f0000)
		return true;
	*target = back - 4 + (uint64_t)((int64_t)(int32_t)(instruction << 6) >> 4);
	return (instruction & 0xfc000000) == 0x94000000;
#endif
}

static bool is_constant(const struct trace_snapshots *s, uint64_t value)
{
	uint32_t i;

	for (i = 0; i + s->first_constant < TRACE_FIRST_INSTRUCTION; i++)
		if (s->constants[i] == value)
			return true;
	return false;
}

/*
 * Is it a call by the FFI? Helpers of the VM are near enough to be called without a register, and
 * their addresses are not among a trace's constants. A function that jumped to another at its end
 * leaves no trace of itself, and nobody is found to call that one.
 */
static bool find_target(struct callers *s)
{
	const struct traced_call *c = s->call;
	uint64_t start;

	if (!called_by_code(c->memory, c->back, &s->target) ||
	    (s->target && !is_constant(c->snapshots, s->target)))
		return false;
	s->names_size = native_symbols_function(c->symbols, s->target ? s->target : c->callee,
						&start, s->names, CALLERS_NAMES);
	if (!s->target && s->names_size)
		s->target = start;
	if (!s->names_size || start != s->target)
		s->names_size = 0;
	return true;
}

/* ---- who may have called it --------------------------------------------------------------------
 */

static void add_candidate(struct callers *s, uint64_t proto, uint64_t function)
{
	struct candidate *c = s->candidates;

	for (; c < s->candidates + s->candidate_count; c++) {
		if (c->proto.address != proto)
			continue;
		if (!c->function)
			c->function = function;
		return;
	}
	if (s->candidate_count == CALLERS_CANDIDATES) {
		s->full = true;
		return;
	}
	if (!proto_read(s->call->memory, s->call->layout, proto, &c->proto))
		return;
	c->function = function;
	s->candidate_count++;
}

static void add_frames(struct callers *s, const struct inlined *inlined)
{
	uint32_t i;

	for (i = 0; inlined && i < inlined->count; i++)
		if (inlined->frames[i].proto)
			add_candidate(s, inlined->frames[i].proto, inlined->frames[i].function);
}

static void add_constants(struct callers *s)
{
	const struct trace_snapshots *t = s->call->snapshots;
	uint64_t head = layout_proto_size(s->call->layout), value;
	struct function_head f;
	uint32_t i;

	for (i = 0; i + 1 + t->first_constant < TRACE_FIRST_INSTRUCTION; i++) {
		value = t->constants[i + 1];
		switch (CONSTANT_TYPE(t->constants[i])) {
		case CONSTANT_FUNCTION:
			value = VALUE_POINTER(value);
			if (function_read(s->call->memory, s->call->layout, value, &f) && !f.ffid)
				add_candidate(s, f.pc - head, value);
			break;
		case CONSTANT_PROTO:
			add_candidate(s, VALUE_POINTER(value), 0);
			break;
		case CONSTANT_ADDRESS:
			/* Of bytecode, where closures of one function are told from others. */
			if (value != s->target)
				add_candidate(s, value - head, 0);
			break;
		}
	}
}

/* ---- where it is called ------------------------------------------------------------------------
 */

/* Does the closure call the target by an upvalue? 1: yes, 0: no, -1: not known. */
static int upvalue_calls(const struct callers *s, const struct candidate *c, uint32_t position)
{
	const struct memory *m = s->call->memory;
	uint32_t index = c->function ? bytecode_called_upvalue(m, &c->proto, position) : NO_UPVALUE;
	uint64_t upvalue, at, value, target;

	if (index == NO_UPVALUE ||
	    !memory_u64(m, c->function + FUNCTION_UPVALUES + index * 8ULL, &upvalue) ||
	    !memory_u64(m, upvalue + UPVALUE_VALUE, &at) || !memory_u64(m, at, &value))
		return -1;
	if (!VALUE_IS(value, TYPE_CDATA))
		return 0;
	if (!memory_u64(m, VALUE_POINTER(value) + CDATA_HEAD, &target))
		return -1;
	return target == s->target;
}

static bool calls_by_name(const struct callers *s, const struct candidate *c, uint32_t position)
{
	const char *name = s->names, *end = s->names + s->names_size;
	char called[NAME_MAX_LENGTH];
	size_t length = bytecode_called_name(s->call->memory, s->call->layout, &c->proto, position,
					     0, called, sizeof(called));

	for (; name < end; name += strlen(name) + 1)
		if (length && strlen(name) == length && !memcmp(name, called, length))
			return true;
	return false;
}

static void find_places(struct callers *s, const struct candidate *c)
{
	uint32_t size = c->proto.bytecodes, i, *code;
	int told;

	if (size > BYTECODES_MAX) {
		s->full = true;
		return;
	}
	code = malloc(size * sizeof(*code) + 1);
	if (code && memory_read(s->call->memory, c->proto.code, code, size * sizeof(*code)))
		for (i = 1; i < size; i++) {
			if (!bytecode_is_call(code[i]))
				continue;
			told = upvalue_calls(s, c, i);
			if (told == 0 || (told < 0 && !calls_by_name(s, c, i)))
				continue;
			if (s->place_count == CALLERS_PLACES) {
				s->full = true;
				break;
			}
			s->places[s->place_count++] = (struct place){c, c->proto.code + i * 4ULL};
		}
	free(code);
}

bool callers_find(const struct traced_call *call, struct callers *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->call = call;
	if (!find_target(out))
		return false;
	add_candidate(out, call->base->address, 0);
	add_frames(out, call->around.now);
	add_frames(out, call->around.next);
	add_constants(out);
	for (i = 0; out->target && i < out->candidate_count; i++)
		find_places(out, &out->candidates[i]);
	return true;
}
