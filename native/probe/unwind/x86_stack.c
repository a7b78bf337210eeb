/* SPDX-License-Identifier: MIT */
#include "unwind/x86_stack.h"

#define WORD 8
/* Limits of a rule. */
#define DEPTH_MAX 0x7fff
#define PLACES_MAX 0xff

static void set_depth(struct x86_frame *f, int64_t depth)
{
	f->depth = depth > 0 && depth <= DEPTH_MAX ? (int16_t)depth : 0;
}

/* The stack pointer goes up by so many bytes. */
static void move(struct x86_frame *f, int64_t bytes)
{
	if (f->depth)
		set_depth(f, bytes % WORD ? 0 : f->depth - bytes / WORD);
}

static void push(struct x86_frame *f, bool is_rbp)
{
	move(f, -WORD);
	if (is_rbp && !f->saved && f->depth > 0 && f->depth <= PLACES_MAX)
		f->saved = (uint8_t)f->depth;
}

static void pop(struct x86_frame *f, uint8_t into)
{
	move(f, WORD);
	if (into == X86_RSP)
		f->depth = 0;
	if (into != X86_RBP)
		return;
	f->base = 0;
	if (f->depth && f->depth + 1 == f->saved)
		f->saved = 0;
}

/* The place that is `bytes` above the stack pointer; 0: not known. */
static uint8_t place_above(const struct x86_frame *f, int64_t bytes)
{
	int64_t place = f->depth - bytes / WORD;

	return f->depth && bytes % WORD == 0 && place > 0 && place <= PLACES_MAX ? (uint8_t)place
										 : 0;
}

static void take_from_base(struct x86_frame *f, int64_t bytes)
{
	set_depth(f, f->base && bytes % WORD == 0 ? f->base - bytes / WORD : 0);
}

static void leave(struct x86_frame *f)
{
	take_from_base(f, 0);
	pop(f, X86_RBP);
}

/* Forgets a register that an instruction outside of prologues and epilogues has written. */
static void spoil(struct x86_frame *f, uint8_t reg)
{
	if (reg == X86_RSP)
		f->depth = 0;
	else if (reg == X86_RBP)
		f->base = 0;
}

static void add_constant(const struct x86_instruction *i, struct x86_frame *f)
{
	uint8_t operation = i->reg & 7;

	if (i->mod != 3 || operation == 7) /* cmp */
		return;
	if (i->rm == X86_RSP && i->wide && operation == 0)
		move(f, i->immediate);
	else if (i->rm == X86_RSP && i->wide && operation == 5)
		move(f, -(int64_t)i->immediate);
	else
		spoil(f, i->rm);
}

static void load_address(const struct x86_instruction *i, struct x86_frame *f)
{
	if (i->reg == X86_RSP && i->rm == X86_RSP)
		move(f, i->displacement);
	else if (i->reg == X86_RSP && i->rm == X86_RBP)
		take_from_base(f, i->displacement);
	else if (i->reg == X86_RBP && i->rm == X86_RSP)
		f->base = place_above(f, i->displacement);
	else
		spoil(f, i->reg);
}

static void move_register(struct x86_frame *f, uint8_t to, uint8_t from)
{
	if (to == X86_RSP && from == X86_RBP)
		take_from_base(f, 0);
	else if (to == X86_RBP && from == X86_RSP)
		f->base = place_above(f, 0);
	else
		spoil(f, to);
}

static void store(const struct x86_instruction *i, struct x86_frame *f)
{
	if (i->mod == 3)
		move_register(f, i->rm, i->reg);
	else if (i->reg == X86_RBP && i->rm == X86_RSP && i->wide && !f->saved)
		f->saved = place_above(f, i->displacement);
}

static void load(const struct x86_instruction *i, struct x86_frame *f)
{
	if (i->mod == 3) {
		move_register(f, i->reg, i->rm);
		return;
	}
	if (i->reg == X86_RBP && i->rm == X86_RSP && f->saved &&
	    f->saved == place_above(f, i->displacement))
		f->saved = 0;
	spoil(f, i->reg);
}

/* Arithmetic of two operands; rbp that is cleared before anything was saved is the root's. */
static void compute(const struct x86_instruction *i, struct x86_frame *f)
{
	bool to_reg = i->opcode & 2;

	if ((i->opcode | 3) == 0x33 && i->mod == 3 && i->reg == X86_RBP && i->rm == X86_RBP &&
	    !f->saved && f->depth == 1)
		f->outermost = true;
	if (i->opcode >= 0x38 || (!to_reg && i->mod != 3))
		return;
	spoil(f, to_reg ? i->reg : i->rm);
}

static enum x86_way follow_0f(const struct x86_instruction *i, struct x86_frame *f)
{
	uint8_t o = i->opcode;

	if (o >= 0x80 && o <= 0x8f)
		return X86_BRANCHES;
	if (o == 0x0b)
		return X86_ENDS;
	/* Instructions that write a general register. */
	if ((o >= 0x40 && o <= 0x4f) || o == 0xaf || o == 0xb6 || o == 0xb7 ||
	    (o >= 0xbc && o <= 0xbf))
		spoil(f, i->reg);
	else if (o >= 0xc8 && o <= 0xcf)
		spoil(f, i->rm);
	return X86_GOES_ON;
}

static enum x86_way follow_group(const struct x86_instruction *i, struct x86_frame *f)
{
	uint8_t operation = i->reg & 7;

	switch (i->opcode) {
	case 0x8f:
		pop(f, i->mod == 3 ? i->rm : X86_RSP + 8);
		break;
	case 0xf7:
		if (i->mod == 3 && (operation == 2 || operation == 3))
			spoil(f, i->rm);
		break;
	case 0xff:
		if (operation == 4 || operation == 5)
			return X86_DISPATCHES;
		if (operation == 6)
			push(f, i->mod == 3 && i->rm == X86_RBP);
		else if (operation < 2 && i->mod == 3)
			spoil(f, i->rm);
		break;
	default: /* shifts, and constants */
		if (i->mod == 3)
			spoil(f, i->rm);
	}
	return X86_GOES_ON;
}

static enum x86_way follow_one_byte(const struct x86_instruction *i, struct x86_frame *f)
{
	uint8_t o = i->opcode;

	if (o < 0x40) {
		if (i->has_modrm)
			compute(i, f);
		return X86_GOES_ON;
	}
	if (o >= 0x50 && o <= 0x5f && i->narrow)
		f->depth = 0;
	else if (o >= 0x50 && o <= 0x57)
		push(f, i->rm == X86_RBP);
	else if (o >= 0x58 && o <= 0x5f)
		pop(f, i->rm);
	else if ((o >= 0x70 && o <= 0x7f) || (o >= 0xe0 && o <= 0xe3))
		return X86_BRANCHES;
	else if ((o > 0x90 && o <= 0x97) || (o >= 0xb8 && o <= 0xbf))
		spoil(f, i->rm);
	switch (o) {
	case 0x63:
	case 0x69:
	case 0x6b:
		spoil(f, i->reg);
		break;
	case 0x68:
	case 0x6a:
	case 0x9c:
		push(f, false);
		break;
	case 0x9d:
		move(f, WORD);
		break;
	case 0x81:
	case 0x83:
		add_constant(i, f);
		break;
	case 0x87:
		spoil(f, i->reg);
		if (i->mod == 3)
			spoil(f, i->rm);
		break;
	case 0x89:
		store(i, f);
		break;
	case 0x8b:
		load(i, f);
		break;
	case 0x8d:
		load_address(i, f);
		break;
	case 0x8f:
	case 0xc1:
	case 0xc7:
	case 0xd1:
	case 0xd3:
	case 0xf7:
	case 0xff:
		return follow_group(i, f);
	case 0xc8:
		f->depth = 0;
		break;
	case 0xc9:
		leave(f);
		break;
	case 0xc2:
	case 0xc3:
		return X86_RETURNS;
	case 0xe9:
	case 0xeb:
		return X86_JUMPS;
	case 0xca:
	case 0xcb:
	case 0xcc:
	case 0xcf:
	case 0xf4:
		return X86_ENDS;
	}
	return X86_GOES_ON;
}

enum x86_way x86_follow(const struct x86_instruction *i, struct x86_frame *f)
{
	if (i->vector)
		return X86_GOES_ON;
	if (i->map == X86_ONE_BYTE)
		return follow_one_byte(i, f);
	return i->map == X86_0F ? follow_0f(i, f) : X86_GOES_ON;
}
