/* SPDX-License-Identifier: MIT */
#include "unwind/cfi.h"

const struct cfi_machine cfi_x86_64 = {.sp = 7, .fp = 6, .ra = 16, .x86_64 = true};
const struct cfi_machine cfi_aarch64 = {.sp = 31, .fp = 29, .ra = 30};

/* `value` in units of 8, or false where it is none or needs more than `bits` signed bits. */
static bool in_words(int64_t value, unsigned int bits, int32_t *words)
{
	int64_t limit = 1LL << (bits - 1);

	if (value % 8 || value / 8 < -limit || value / 8 >= limit)
		return false;
	*words = (int32_t)(value / 8);
	return true;
}

static uint32_t pack_place(const struct cfi_rules *rules, const struct cfi_place *place)
{
	int64_t from_base;

	switch (place->kind) {
	case PLACE_SAME:
		return UNWIND_PLACE_SAME;
	case PLACE_CFA:
		if (place->offset % 8)
			return UNWIND_PLACE_UNKNOWN;
		if (place->offset <= -8 && place->offset >= -31 * 8)
			return (uint32_t)(-place->offset / 8);
		if (rules->cfa.kind != CFA_REGISTER)
			return UNWIND_PLACE_UNKNOWN;
		from_base = place->offset + rules->cfa.offset;
		break;
	case PLACE_REGISTER:
		if (place->reg != rules->cfa.reg)
			return UNWIND_PLACE_UNKNOWN;
		from_base = place->offset;
		break;
	default:
		return UNWIND_PLACE_UNKNOWN;
	}
	if (from_base % 8 || from_base < 0 || from_base > 30 * 8)
		return UNWIND_PLACE_UNKNOWN;
	return UNWIND_PLACE_BASE + (uint32_t)(from_base / 8);
}

static bool pack_cfa(const struct cfi_machine *m, const struct cfi_cfa *cfa, uint32_t *kind,
		     int32_t *value)
{
	bool sp = cfa->reg == m->sp, fp = cfa->reg == m->fp;
	int32_t addend;

	switch (cfa->kind) {
	case CFA_REGISTER:
		*kind = sp ? UNWIND_SP : fp ? UNWIND_FP : UNWIND_LEAF_REGISTER;
		if (sp || fp)
			return in_words(cfa->offset, 16, value);
		if (cfa->reg > 31 || !in_words(cfa->offset, 11, value))
			return false;
		*value = *value * 32 + (int32_t)cfa->reg;
		return true;
	case CFA_DEREF:
		*kind = sp ? UNWIND_SP_DEREF : UNWIND_FP_DEREF;
		if ((!sp && !fp) || cfa->addend < 0 || !in_words(cfa->addend, 6, &addend) ||
		    !in_words(cfa->offset, 11, value))
			return false;
		*value = *value * 32 + addend;
		return true;
	case CFA_PLT:
		*kind = UNWIND_PLT;
		*value = (int32_t)cfa->offset;
		return true;
	default:
		return false;
	}
}

uint32_t cfi_pack(const struct cfi_machine *machine, const struct cfi_rules *rules)
{
	uint32_t kind, fp, ra;
	int32_t value;

	if (rules->ra.kind == PLACE_UNDEFINED)
		return unwind_rule(UNWIND_END, 0, 0, 0);
	if (!pack_cfa(machine, &rules->cfa, &kind, &value))
		return unwind_rule(UNWIND_UNSUPPORTED, 0, 0, 0);
	fp = pack_place(rules, &rules->fp);
	ra = pack_place(rules, &rules->ra);
	if (ra == UNWIND_PLACE_UNKNOWN || (machine->x86_64 && ra != 1))
		return unwind_rule(UNWIND_UNSUPPORTED, 0, 0, 0);
	return unwind_rule(kind, fp, ra, value);
}
