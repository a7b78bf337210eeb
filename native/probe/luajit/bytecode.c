/* SPDX-License-Identifier: MIT */
#include "luajit/bytecode.h"

#include <stdlib.h>
#include <string.h>

#include "luajit/object.h"

/* As the VM numbers them. */
enum op {
	OP_MOV = 18,
	OP_KSTR = 39,
	OP_KNIL = 44,
	OP_UGET = 45,
	OP_USETV = 46,
	OP_FNEW = 51,
	OP_GGET = 54,
	OP_GSET = 55,
	OP_TGETS = 57,
	OP_TSETS = 61,
	OP_CALLM = 65,
	OP_CALL = 66,
	OP_CALLMT = 67,
	OP_CALLT = 68,
	OP_ITERC = 69,
	OP_ITERN = 70,
	OP_RETM = 73,
	OP_RET1 = 76,
	OP_FUNCC = 95,
};

/*
 * Use of operand A of each opcode: d a destination, b the first of the slots that are overwritten,
 * anything else is only read. By opcode, from ISLT to JMP, and the bit operators of July 2026;
 * older versions have function headers there, which stand in no function's middle.
 */
static const char operand_a[] = "............"	   /* comparisons */
				"dd....dddd"	   /* tests, copies, unary */
				"dddddddddddddddd" /* arithmetic */
				"d"		   /* CAT */
				"dddddb"	   /* constants */
				"d.....d"	   /* upvalues, FNEW */
				"ddd.dddd...b."	   /* tables */
				"bbbbbbbb"	   /* calls */
				"b..."		   /* returns */
				"bbbbbbbb...."	   /* loops, JMP */
				"ddddddd"	   /* bit operators */
	;

/* How far behind the instruction that makes a function it is stored. */
#define STORED_WITHIN 4
/* How much of a function is searched for where it makes another. */
#define MAKES_MAX 16384
#define CHILDREN_MAX 1024
/* How far back from a call its function may have been loaded. */
#define BACKWARD 512
#define NAMES_MAX 16384
#define PREDEFINED_NAMES 7

struct site {
	const struct memory *memory;
	const struct layout *layout;
	const struct proto *proto;
	uint32_t code[BACKWARD]; /* the last is the instruction at the call */
	uint32_t from;		 /* position of the first */
};

bool bytecode_is_return(uint32_t instruction)
{
	return bytecode_op(instruction) >= OP_RETM && bytecode_op(instruction) <= OP_RET1;
}

bool bytecode_is_call(uint32_t instruction)
{
	return bytecode_op(instruction) >= OP_CALLM && bytecode_op(instruction) <= OP_CALLT;
}

bool bytecode_is_c(uint32_t instruction)
{
	return bytecode_op(instruction) >= OP_FUNCC;
}

bool bytecode_is_copy(uint32_t instruction)
{
	uint32_t op = bytecode_op(instruction);

	return op == OP_MOV || (op >= OP_KSTR && op <= OP_UGET);
}

static const char *metamethod(uint32_t op)
{
	static const char *const arithmetic[] = {"__add", "__sub", "__mul", "__div", "__mod"};

	if (op < 2)
		return "__lt";
	if (op < 4)
		return "__le";
	if (op < 12)
		return "__eq";
	if (op >= 22 && op < 37)
		return arithmetic[(op - 22) % 5];
	if (op == OP_GGET || (op >= 56 && op <= 59))
		return "__index";
	if (op == 55 || (op >= 60 && op <= 64))
		return "__newindex";
	return op == 20	  ? "__unm"
	       : op == 21 ? "__len"
	       : op == 37 ? "__pow"
	       : op == 38 ? "__concat"
			  : NULL;
}

static size_t constant_name(const struct site *s, uint32_t index, char *out, size_t capacity)
{
	uint64_t object;

	if (index >= s->proto->gc_constants ||
	    !layout_follow(s->layout, s->memory,
			   s->proto->constants -
				   layout_reference(s->layout) * (uint64_t)(index + 1),
			   &object))
		return 0;
	return string_read(s->memory, s->layout, VALUE_POINTER(object), out, capacity, NULL);
}

static size_t copy_name(const uint8_t *name, const uint8_t *end, char *out, size_t capacity)
{
	size_t length = strnlen((const char *)name, end - name);

	if (length > capacity)
		length = capacity;
	memcpy(out, name, length);
	return length;
}

static size_t upvalue_name(const struct site *s, uint32_t index, char *out, size_t capacity)
{
	uint64_t from = s->proto->upvalue_names, to = s->proto->variable_names;
	uint8_t names[4096], *at = names, *end;

	if (!from)
		return 0;
	if (to < from)
		to = s->proto->end;
	end = names + memory_read_some(s->memory, from, names,
				       to - from < sizeof(names) ? to - from : sizeof(names));
	while (index-- && at < end)
		at += strnlen((const char *)at, end - at) + 1;
	return at < end ? copy_name(at, end, out, capacity) : 0;
}

static uint32_t read_uleb(const uint8_t **at, const uint8_t *end)
{
	uint32_t value = 0, shift = 0;
	uint8_t byte = 0x80;

	while (*at < end && (byte & 0x80) && shift < 32) {
		byte = *(*at)++;
		value |= (uint32_t)(byte & 0x7f) << shift;
		shift += 7;
	}
	return value;
}

/* The local variable that lives in `slot` at `position`. 0: none. */
static size_t local_name(const struct site *s, uint32_t position, uint32_t slot, char *out,
			 size_t capacity)
{
	static uint8_t names[NAMES_MAX];
	const uint8_t *at = names, *end, *name;
	uint32_t start = 0, stop;
	uint64_t size = s->proto->end - s->proto->variable_names;

	if (!s->proto->variable_names)
		return 0;
	end = names + memory_read_some(s->memory, s->proto->variable_names, names,
				       size < sizeof(names) ? size : sizeof(names));
	while (at < end && *at) {
		name = at;
		if (*at >= PREDEFINED_NAMES)
			at += strnlen((const char *)at, end - at);
		at++;
		start += read_uleb(&at, end);
		if (start > position)
			return 0;
		stop = start + read_uleb(&at, end);
		if (position >= stop || slot-- != 0)
			continue;
		return *name < PREDEFINED_NAMES ? 0 : copy_name(name, end, out, capacity);
	}
	return 0;
}

/*
 * Goes back from `position` to the instruction that put the value into the slot, and sets
 * `position` to its. False where none did for sure.
 */
static bool find_source(const struct site *s, uint32_t *position, uint32_t slot,
			uint32_t *instruction)
{
	uint32_t op, a;
	char kind;

	while ((*position)-- > s->from && *position > 0) {
		*instruction = s->code[*position - s->from];
		op = bytecode_op(*instruction);
		a = bytecode_a(*instruction);
		kind = op < sizeof(operand_a) - 1 ? operand_a[op] : '.';
		if (kind == 'b' && slot >= a && (op != OP_KNIL || slot <= bytecode_d(*instruction)))
			return false;
		if (kind == 'd' && a == slot)
			return true;
	}
	return false;
}

static size_t slot_name(const struct site *s, uint32_t position, uint32_t slot, char *out,
			size_t capacity)
{
	uint32_t instruction;
	size_t length;

	length = local_name(s, position, slot, out, capacity);
	while (!length && find_source(s, &position, slot, &instruction)) {
		switch (bytecode_op(instruction)) {
		case OP_MOV:
			slot = bytecode_d(instruction);
			length = local_name(s, position, slot, out, capacity);
			continue;
		case OP_GGET:
			return constant_name(s, bytecode_d(instruction), out, capacity);
		case OP_TGETS:
			return constant_name(s, bytecode_c(instruction), out, capacity);
		case OP_UGET:
			return upvalue_name(s, bytecode_d(instruction), out, capacity);
		default:
			return 0;
		}
	}
	return length;
}

static bool read_site(struct site *s, uint32_t position)
{
	if (position >= s->proto->bytecodes)
		return false;
	s->from = position < BACKWARD ? 0 : position - BACKWARD + 1;
	return memory_read(s->memory, s->proto->code + s->from * 4ULL, s->code,
			   (position - s->from + 1) * 4ULL);
}

uint32_t bytecode_called_upvalue(const struct memory *m, const struct proto *caller,
				 uint32_t position)
{
	struct site s = {.memory = m, .proto = caller};
	uint32_t instruction, slot;

	if (!read_site(&s, position) || !bytecode_is_call(s.code[position - s.from]))
		return NO_UPVALUE;
	slot = bytecode_a(s.code[position - s.from]);
	while (find_source(&s, &position, slot, &instruction)) {
		if (bytecode_op(instruction) == OP_UGET)
			return bytecode_d(instruction);
		if (bytecode_op(instruction) != OP_MOV)
			break;
		slot = bytecode_d(instruction);
	}
	return NO_UPVALUE;
}

size_t bytecode_called_name(const struct memory *m, const struct layout *layout,
			    const struct proto *caller, uint32_t position, uint32_t argument,
			    char *out, size_t capacity)
{
	struct site s = {.memory = m, .layout = layout, .proto = caller};
	uint32_t instruction, slot, op;
	const char *name;
	size_t length;

	if (!read_site(&s, position))
		return 0;
	instruction = s.code[position - s.from];
	op = bytecode_op(instruction);
	if (op >= OP_CALLM && op <= OP_ITERN) {
		slot = bytecode_a(instruction);
		if (argument)
			slot += 1 + argument;
		else if (op >= OP_ITERC)
			slot -= 3;
		length = slot_name(&s, position, slot, out, capacity);
		if (length || argument || op < OP_ITERC)
			return length;
		name = "for iterator";
	} else {
		name = argument ? NULL : metamethod(op);
	}
	if (!name)
		return 0;
	return copy_name((const uint8_t *)name, (const uint8_t *)name + strlen(name), out,
			 capacity);
}

size_t bytecode_upvalue_name(const struct memory *m, const struct proto *p, uint32_t index,
			     char *out, size_t capacity)
{
	struct site s = {.memory = m, .proto = p};

	return upvalue_name(&s, index, out, capacity);
}

/* Which constant of `parent` the object is, or NO_CHILD. */
static uint32_t constant_index(const struct site *s, uint64_t object)
{
	uint32_t width = layout_reference(s->layout), count = s->proto->gc_constants;
	uint8_t references[CHILDREN_MAX * 8];
	uint64_t reference;

	if (count > CHILDREN_MAX)
		count = CHILDREN_MAX;
	if (!memory_read(s->memory, s->proto->constants - width * (uint64_t)count, references,
			 (size_t)width * count))
		return NO_CHILD;
	for (uint32_t i = 0; i < count; i++) {
		reference = 0;
		memcpy(&reference, references + (size_t)width * (count - 1 - i), width);
		if (reference == object)
			return i;
	}
	return NO_CHILD;
}

/* The name of where the function in `slot`, made at `position`, is stored right behind it. */
static size_t stored_name(const struct site *s, const uint32_t *code, uint32_t position,
			  uint32_t slot, char *out, size_t capacity)
{
	uint32_t end = s->proto->bytecodes, i = position, instruction, op;
	size_t length;

	if (end > position + 1 + STORED_WITHIN)
		end = position + 1 + STORED_WITHIN;
	while (++i < end) {
		length = local_name(s, i, slot, out, capacity);
		if (length)
			return length;
		instruction = code[i];
		op = bytecode_op(instruction);
		if (op == OP_TSETS && bytecode_a(instruction) == slot)
			return constant_name(s, bytecode_c(instruction), out, capacity);
		if (op == OP_GSET && bytecode_a(instruction) == slot)
			return constant_name(s, bytecode_d(instruction), out, capacity);
		if (op == OP_USETV && bytecode_d(instruction) == slot)
			return upvalue_name(s, bytecode_a(instruction), out, capacity);
		if (op == OP_MOV && bytecode_d(instruction) == slot)
			return local_name(s, i + 1, bytecode_a(instruction), out, capacity);
		if (op < sizeof(operand_a) - 1 && operand_a[op] != '.' &&
		    bytecode_a(instruction) <= slot)
			return 0;
	}
	return 0;
}

size_t bytecode_child_name(const struct memory *m, const struct layout *layout,
			   const struct proto *parent, uint64_t child, uint32_t *index, char *out,
			   size_t capacity)
{
	struct site s = {.memory = m, .layout = layout, .proto = parent};
	uint32_t size = parent->bytecodes < MAKES_MAX ? parent->bytecodes : MAKES_MAX, *code;
	size_t length = 0;

	*index = constant_index(&s, child);
	if (*index == NO_CHILD)
		return 0;
	code = malloc(size * sizeof(*code));
	if (code && memory_read(m, parent->code, code, size * sizeof(*code)))
		for (uint32_t i = 1; i + 1 < size && !length; i++)
			if (bytecode_op(code[i]) == OP_FNEW && bytecode_d(code[i]) == *index)
				length = stored_name(&s, code, i, bytecode_a(code[i]), out,
						     capacity);
	free(code);
	return length;
}
