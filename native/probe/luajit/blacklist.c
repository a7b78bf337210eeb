/* SPDX-License-Identifier: MIT */
#include "luajit/blacklist.h"

#include "luajit/bytecode.h"

enum op {
	OP_ITERC = 69,
	OP_IFORL = 80,
	OP_IITERL = 83,
	OP_ILOOP = 86,
	/* Headers of functions have moved; they stand as far before that of C functions as ever. */
	IFUNCF_BEFORE_FUNCC = 5,
	IFUNCV_BEFORE_FUNCC = 2,
};

enum { INSTRUCTIONS_MAX = 1 << 16, PIECE = 1024 };

static enum blacklisted kind_of(uint32_t instruction, uint32_t funcc)
{
	uint32_t op = bytecode_op(instruction);

	if (op == OP_IFORL || op == OP_ILOOP)
		return BLACKLISTED_LOOP;
	if (op == OP_IITERL)
		return BLACKLISTED_ITERATOR_LOOP;
	if (op == funcc - IFUNCF_BEFORE_FUNCC || op == funcc - IFUNCV_BEFORE_FUNCC)
		return BLACKLISTED_FUNCTION;
	return BLACKLISTED_NOT;
}

/* The header of C functions stands right before cur_L; see layout.c. */
static bool read_funcc(const struct lua_vm *vm, uint32_t *op)
{
	if (!memory_u32(&vm->memory, vm->global + vm->layout.cur_l - 8, op))
		return false;
	*op = bytecode_op(*op);
	return true;
}

enum blacklisted blacklisted_now(const struct lua_vm *vm, uint64_t pc)
{
	uint32_t funcc, instruction;

	if (!read_funcc(vm, &funcc) || !memory_u32(&vm->memory, pc, &instruction))
		return BLACKLISTED_NOT;
	/* A call that gets hot iterates by next(); it is an ordinary one once that is given up. */
	if (bytecode_op(instruction) == OP_ITERC)
		return BLACKLISTED_ITERATOR_LOOP;
	return kind_of(instruction, funcc);
}

size_t blacklisted_places(const struct lua_vm *vm, const struct proto *p,
			  struct blacklisted_place *out, size_t capacity)
{
	uint32_t code[PIECE], funcc, n, end = p->bytecodes;
	size_t count = 0;

	if (!read_funcc(vm, &funcc))
		return 0;
	if (end > INSTRUCTIONS_MAX)
		end = INSTRUCTIONS_MAX;
	for (uint32_t from = 0; from < end; from += n) {
		n = end - from < PIECE ? end - from : PIECE;
		if (!memory_read(&vm->memory, p->code + from * 4ULL, code, n * sizeof(*code)))
			break;
		for (uint32_t i = 0; i < n && count < capacity; i++) {
			enum blacklisted kind = kind_of(code[i], funcc);

			if (kind)
				out[count++] = (struct blacklisted_place){kind, from + i};
		}
	}
	return count;
}
