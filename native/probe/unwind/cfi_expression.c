/* SPDX-License-Identifier: MIT */
#include "unwind/cfi.h"

#define OP_DEREF 0x06
#define OP_AND 0x1a
#define OP_PLUS 0x22
#define OP_PLUS_UCONST 0x23
#define OP_SHL 0x24
#define OP_GE 0x2a
#define OP_LIT0 0x30
#define OP_LIT31 0x4f
#define OP_BREG0 0x70
#define OP_BREG31 0x8f

#define X86_64_RIP 16

static bool base_register(struct reader *r, uint64_t *reg, int64_t *offset)
{
	uint8_t op = (uint8_t)reader_number(r, 1);

	*offset = reader_sleb128(r);
	*reg = op - OP_BREG0;
	return !r->failed && op >= OP_BREG0 && op <= OP_BREG31;
}

static bool operator_is(struct reader *r, uint8_t op)
{
	return reader_number(r, 1) == op && !r->failed;
}

/* The linker's rule for lazy PLT slots: rsp + 8 + ((rip & 15) >= N) * 8, as rsp + 8, rip + 0, ...
 */
static bool plt_slot(struct reader r, int64_t *byte)
{
	uint64_t reg;
	int64_t offset;
	uint8_t literal;

	if (!base_register(&r, &reg, &offset) || reg != X86_64_RIP || offset != 0 ||
	    !operator_is(&r, OP_LIT0 + 15) || !operator_is(&r, OP_AND))
		return false;
	literal = (uint8_t)reader_number(&r, 1);
	if (r.failed || literal < OP_LIT0 || literal > OP_LIT0 + 15 || !operator_is(&r, OP_GE) ||
	    !operator_is(&r, OP_LIT0 + 3) || !operator_is(&r, OP_SHL) || !operator_is(&r, OP_PLUS))
		return false;
	*byte = literal - OP_LIT0;
	return reader_left(&r) == 0;
}

/* Reads the end of a dereference: nothing, or one constant that is added. */
static bool addend(struct reader *r, int64_t *value)
{
	uint8_t op;

	*value = 0;
	if (reader_left(r) == 0)
		return !r->failed;
	op = (uint8_t)reader_number(r, 1);
	if (op == OP_PLUS_UCONST) {
		*value = (int64_t)reader_uleb128(r);
	} else if (op >= OP_LIT0 && op <= OP_LIT31) {
		*value = op - OP_LIT0;
		if (!operator_is(r, OP_PLUS))
			return false;
	} else {
		return false;
	}
	return !r->failed && reader_left(r) == 0;
}

struct cfi_cfa cfi_cfa_expression(struct reader r, const struct cfi_machine *machine)
{
	struct cfi_cfa cfa = {.kind = CFA_UNSUPPORTED};
	int64_t byte;

	if (!base_register(&r, &cfa.reg, &cfa.offset))
		return cfa;
	if (reader_left(&r) == 0) {
		cfa.kind = CFA_REGISTER;
	} else if (machine->x86_64 && cfa.reg == machine->sp && cfa.offset == 8 &&
		   plt_slot(r, &byte)) {
		cfa.kind = CFA_PLT;
		cfa.offset = byte;
	} else if (operator_is(&r, OP_DEREF) && addend(&r, &cfa.addend)) {
		cfa.kind = CFA_DEREF;
	}
	return cfa;
}

struct cfi_place cfi_place_expression(struct reader r)
{
	struct cfi_place place = {.kind = PLACE_UNSUPPORTED};

	if (base_register(&r, &place.reg, &place.offset) && reader_left(&r) == 0)
		place.kind = PLACE_REGISTER;
	return place;
}
