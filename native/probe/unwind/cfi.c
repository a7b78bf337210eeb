/* SPDX-License-Identifier: MIT */
#include "unwind/cfi.h"

/* Deeper than any compiler nests; more is a damaged file. */
#define STATES_MAX 16

enum {
	CFA_NOP = 0x00,
	CFA_SET_LOC = 0x01,
	CFA_ADVANCE_LOC1 = 0x02,
	CFA_ADVANCE_LOC2 = 0x03,
	CFA_ADVANCE_LOC4 = 0x04,
	CFA_OFFSET_EXTENDED = 0x05,
	CFA_RESTORE_EXTENDED = 0x06,
	CFA_UNDEFINED = 0x07,
	CFA_SAME_VALUE = 0x08,
	CFA_REGISTER_RULE = 0x09,
	CFA_REMEMBER_STATE = 0x0a,
	CFA_RESTORE_STATE = 0x0b,
	CFA_DEF_CFA = 0x0c,
	CFA_DEF_CFA_REGISTER = 0x0d,
	CFA_DEF_CFA_OFFSET = 0x0e,
	CFA_DEF_CFA_EXPRESSION = 0x0f,
	CFA_EXPRESSION = 0x10,
	CFA_OFFSET_EXTENDED_SF = 0x11,
	CFA_DEF_CFA_SF = 0x12,
	CFA_DEF_CFA_OFFSET_SF = 0x13,
	CFA_VAL_OFFSET = 0x14,
	CFA_VAL_OFFSET_SF = 0x15,
	CFA_VAL_EXPRESSION = 0x16,
	CFA_NEGATE_RA_STATE_WITH_PC = 0x2c,
	CFA_NEGATE_RA_STATE = 0x2d,
	CFA_GNU_ARGS_SIZE = 0x2e,
	CFA_GNU_NEGATIVE_OFFSET = 0x2f,
	/* the two high bits hold the instruction, the low ones an operand */
	CFA_ADVANCE_LOC = 0x40,
	CFA_OFFSET = 0x80,
	CFA_RESTORE = 0xc0,
};

struct machine_state {
	struct cfi_run *run;
	struct reader code;
	struct cfi_rules *rules;
	struct cfi_rules saved[STATES_MAX];
	unsigned int depth;
};

/* The place of a register that is followed, or NULL. */
static struct cfi_place *place_of(struct machine_state *s, struct cfi_rules *rules, uint64_t reg)
{
	if (reg == s->run->machine->fp)
		return &rules->fp;
	return reg == s->run->machine->ra ? &rules->ra : NULL;
}

static void set_place(struct machine_state *s, uint64_t reg, enum cfi_place_kind kind,
		      int64_t offset)
{
	struct cfi_place *place = place_of(s, s->rules, reg);

	if (place)
		*place = (struct cfi_place){.kind = kind, .offset = offset};
}

static void restore_place(struct machine_state *s, uint64_t reg)
{
	struct cfi_rules initial = s->run->cie->initial;
	struct cfi_place *place = place_of(s, s->rules, reg);

	if (place)
		*place = *place_of(s, &initial, reg);
}

/* Offsets come from the file: they wrap rather than overflow. */
static int64_t factored(struct machine_state *s, uint64_t offset)
{
	return (int64_t)(offset * (uint64_t)s->run->cie->data_align);
}

static bool advance(struct machine_state *s, uint64_t delta)
{
	struct cfi_run *run = s->run;
	uint64_t bytes;

	if (!run->emit || __builtin_mul_overflow(delta, run->cie->code_align, &bytes) ||
	    bytes > run->end - run->pc)
		return false;
	if (bytes == 0)
		return true;
	if (!run->emit(run->context, run->pc, cfi_pack(run->machine, s->rules)))
		return false;
	run->pc += bytes;
	return true;
}

static void def_cfa_register(struct machine_state *s, uint64_t reg)
{
	if (s->rules->cfa.kind != CFA_REGISTER)
		s->rules->cfa.kind = CFA_UNSUPPORTED;
	s->rules->cfa.reg = reg;
}

static void def_cfa(struct machine_state *s, uint64_t reg, int64_t offset)
{
	s->rules->cfa = (struct cfi_cfa){.kind = CFA_REGISTER, .reg = reg, .offset = offset};
}

static bool remembered(struct machine_state *s, uint8_t op)
{
	if (op == CFA_REMEMBER_STATE) {
		if (s->depth == STATES_MAX)
			return false;
		s->saved[s->depth++] = *s->rules;
		return true;
	}
	if (s->depth == 0)
		return false;
	*s->rules = s->saved[--s->depth];
	return true;
}

/* Instructions that say where a register is saved. False where `op` is none of them. */
static bool register_rule(struct machine_state *s, uint8_t op)
{
	struct reader *code = &s->code, expression;
	struct cfi_place *place;
	uint64_t reg = reader_uleb128(code);

	switch (op) {
	case CFA_OFFSET_EXTENDED:
		set_place(s, reg, PLACE_CFA, factored(s, reader_uleb128(code)));
		return true;
	case CFA_OFFSET_EXTENDED_SF:
		set_place(s, reg, PLACE_CFA, factored(s, (uint64_t)reader_sleb128(code)));
		return true;
	case CFA_GNU_NEGATIVE_OFFSET:
		set_place(s, reg, PLACE_CFA, factored(s, -reader_uleb128(code)));
		return true;
	case CFA_RESTORE_EXTENDED:
		restore_place(s, reg);
		return true;
	case CFA_UNDEFINED:
		set_place(s, reg, PLACE_UNDEFINED, 0);
		return true;
	case CFA_SAME_VALUE:
		set_place(s, reg, PLACE_SAME, 0);
		return true;
	case CFA_REGISTER_RULE:
	case CFA_VAL_OFFSET:
	case CFA_VAL_OFFSET_SF:
		reader_uleb128(code);
		set_place(s, reg, PLACE_UNSUPPORTED, 0);
		return true;
	case CFA_EXPRESSION:
	case CFA_VAL_EXPRESSION:
		expression = reader_part(code, reader_uleb128(code));
		place = place_of(s, s->rules, reg);
		if (place && op == CFA_EXPRESSION)
			*place = cfi_place_expression(expression);
		else
			set_place(s, reg, PLACE_UNSUPPORTED, 0);
		return true;
	default:
		return false;
	}
}

static bool cfa_rule(struct machine_state *s, uint8_t op)
{
	struct reader *code = &s->code;
	uint64_t reg;

	switch (op) {
	case CFA_DEF_CFA:
		reg = reader_uleb128(code);
		def_cfa(s, reg, (int64_t)reader_uleb128(code));
		return true;
	case CFA_DEF_CFA_SF:
		reg = reader_uleb128(code);
		def_cfa(s, reg, factored(s, (uint64_t)reader_sleb128(code)));
		return true;
	case CFA_DEF_CFA_REGISTER:
		def_cfa_register(s, reader_uleb128(code));
		return true;
	case CFA_DEF_CFA_OFFSET:
		s->rules->cfa.offset = (int64_t)reader_uleb128(code);
		return true;
	case CFA_DEF_CFA_OFFSET_SF:
		s->rules->cfa.offset = factored(s, (uint64_t)reader_sleb128(code));
		return true;
	case CFA_DEF_CFA_EXPRESSION:
		s->rules->cfa = cfi_cfa_expression(reader_part(code, reader_uleb128(code)),
						   s->run->machine);
		return true;
	default:
		return false;
	}
}

static bool extended(struct machine_state *s, uint8_t op)
{
	switch (op) {
	case CFA_NOP:
	/* Signed return addresses are stripped wherever they are met. */
	case CFA_NEGATE_RA_STATE:
	case CFA_NEGATE_RA_STATE_WITH_PC:
		return true;
	case CFA_ADVANCE_LOC1:
		return advance(s, reader_number(&s->code, 1));
	case CFA_ADVANCE_LOC2:
		return advance(s, reader_number(&s->code, 2));
	case CFA_ADVANCE_LOC4:
		return advance(s, reader_number(&s->code, 4));
	case CFA_REMEMBER_STATE:
	case CFA_RESTORE_STATE:
		return remembered(s, op);
	case CFA_GNU_ARGS_SIZE:
		reader_uleb128(&s->code);
		return true;
	default:
		return cfa_rule(s, op) || register_rule(s, op);
	}
}

bool cfi_execute(struct cfi_run *run, struct reader code, struct cfi_rules *rules)
{
	struct machine_state s = {.run = run, .code = code, .rules = rules};
	uint8_t op, low;
	bool good = true;

	while (good && reader_left(&s.code)) {
		op = (uint8_t)reader_number(&s.code, 1);
		low = op & 0x3f;
		switch (op & 0xc0) {
		case CFA_ADVANCE_LOC:
			good = advance(&s, low);
			break;
		case CFA_OFFSET:
			set_place(&s, low, PLACE_CFA, factored(&s, reader_uleb128(&s.code)));
			break;
		case CFA_RESTORE:
			restore_place(&s, low);
			break;
		default:
			good = extended(&s, op);
		}
	}
	if (!good || s.code.failed)
		return false;
	return !run->emit || run->emit(run->context, run->pc, cfi_pack(run->machine, rules));
}
