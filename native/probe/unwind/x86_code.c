/* SPDX-License-Identifier: MIT */
#include "unwind/x86_code.h"

#include <string.h>

#define LENGTH_MAX 15
#define NO_REGISTER 0xff

struct cursor {
	const uint8_t *at, *end;
	bool short_addresses;
	uint8_t rex; /* also what VEX and EVEX have of it */
};

static uint8_t next(struct cursor *c)
{
	return c->at < c->end ? *c->at++ : (c->at = c->end + 1, 0);
}

static bool ran_out(const struct cursor *c)
{
	return c->at > c->end;
}

static bool is_prefix(uint8_t byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x64:
	case 0x65:
	case 0x66:
	case 0x67:
	case 0xf0:
	case 0xf2:
	case 0xf3:
		return true;
	default:
		return false;
	}
}

static void prefixes(struct cursor *c, struct x86_instruction *out)
{
	while (c->at < c->end && is_prefix(*c->at)) {
		out->narrow |= *c->at == 0x66;
		c->short_addresses |= *c->at == 0x67;
		c->at++;
	}
	if (c->at < c->end && (*c->at & 0xf0) == 0x40)
		c->rex = *c->at++;
}

/* The opcode, behind its escapes or inside VEX and EVEX, whose register bits are inverted. */
static bool opcode(struct cursor *c, struct x86_instruction *out)
{
	uint8_t byte = next(c), payload;

	if (byte == 0xc4 || byte == 0xc5 || byte == 0x62) {
		payload = next(c);
		out->vector = true;
		out->map = byte == 0xc5 ? X86_0F : payload & (byte == 0xc4 ? 0x1f : 7);
		c->rex = ~payload >> 5 & 7;
		if (byte == 0xc5)
			c->rex &= 4;
		else if (next(c) & 0x80)
			c->rex |= 8;
		if (byte == 0x62)
			next(c);
		out->opcode = next(c);
		/* Half precision has maps of its own: without immediates, as 0F 38. */
		if (byte == 0x62 && (out->map == 5 || out->map == 6))
			out->map = X86_0F38;
		return out->map >= X86_0F && out->map <= X86_0F3A;
	}
	if (byte == 0x0f) {
		byte = next(c);
		out->map = byte == 0x38 ? X86_0F38 : byte == 0x3a ? X86_0F3A : X86_0F;
		if (out->map != X86_0F)
			byte = next(c);
	}
	out->opcode = byte;
	return true;
}

static bool has_modrm(const struct x86_instruction *i)
{
	uint8_t o = i->opcode;

	if (i->map == X86_0F && i->vector)
		return o != 0x77;
	if (i->map == X86_0F)
		return !((o >= 0x05 && o <= 0x0b) || o == 0x0e || (o >= 0x30 && o <= 0x37) ||
			 o == 0x77 || (o >= 0x80 && o <= 0x8f) || (o >= 0xa0 && o <= 0xa2) ||
			 (o >= 0xa8 && o <= 0xaa) || (o >= 0xc8 && o <= 0xcf));
	if (i->map != X86_ONE_BYTE)
		return true;
	return (o < 0x40 && (o & 7) < 4) || o == 0x63 || o == 0x69 || o == 0x6b ||
	       (o >= 0x80 && o <= 0x8f) || o == 0xc0 || o == 0xc1 || o == 0xc6 || o == 0xc7 ||
	       (o >= 0xd0 && o <= 0xd3) || (o >= 0xd8 && o <= 0xdf) || o == 0xf6 || o == 0xf7 ||
	       o == 0xfe || o == 0xff;
}

static bool is_invalid(const struct x86_instruction *i)
{
	uint8_t o = i->opcode;

	if (i->map != X86_ONE_BYTE)
		return false;
	return (o < 0x40 && (o & 7) >= 6) || (o >= 0x40 && o <= 0x4f) || o == 0x60 || o == 0x61 ||
	       o == 0x82 || o == 0x9a || (o >= 0xd4 && o <= 0xd6) || o == 0xea || is_prefix(o);
}

/* Bytes of the immediate. */
static size_t immediate_size(const struct x86_instruction *i, const struct cursor *c)
{
	uint8_t o = i->opcode;
	size_t operand = i->narrow ? 2 : 4;

	if (i->map == X86_0F3A)
		return 1;
	if (i->map == X86_0F) {
		if (o >= 0x80 && o <= 0x8f && !i->vector)
			return 4;
		return (o >= 0x70 && o <= 0x73) || o == 0xa4 || o == 0xac || o == 0xba ||
		       o == 0xc2 || (o >= 0xc4 && o <= 0xc6) || o == 0x0f;
	}
	if (i->map != X86_ONE_BYTE)
		return 0;
	if (o < 0x40)
		return (o & 7) == 4 ? 1 : (o & 7) == 5 ? operand : 0;
	if (o >= 0xb8 && o <= 0xbf)
		return i->wide ? 8 : operand;
	if (o >= 0xa0 && o <= 0xa3)
		return c->short_addresses ? 4 : 8;
	if (o == 0xf6 || o == 0xf7)
		return (i->reg & 7) > 1 ? 0 : o == 0xf6 ? 1 : operand;
	switch (o) {
	case 0x68:
	case 0x69:
	case 0x81:
	case 0xa9:
	case 0xc7:
		return operand;
	case 0xe8:
	case 0xe9:
		return 4;
	case 0xc2:
	case 0xca:
		return 2;
	case 0xc8:
		return 3;
	case 0x6a:
	case 0x6b:
	case 0x80:
	case 0x83:
	case 0xa8:
	case 0xc0:
	case 0xc1:
	case 0xc6:
	case 0xcd:
	case 0xe4:
	case 0xe5:
	case 0xe6:
	case 0xe7:
	case 0xeb:
		return 1;
	default:
		return (o >= 0x70 && o <= 0x7f) || (o >= 0xb0 && o <= 0xb7) ||
		       (o >= 0xe0 && o <= 0xe3);
	}
}

/* A signed number of up to 32 bits; what a longer one has more is left out. */
static int32_t number(struct cursor *c, size_t size)
{
	uint32_t value = 0;
	size_t kept = size < 4 ? size : 4;

	for (size_t i = 0; i < size; i++) {
		uint8_t byte = next(c);

		if (i < 4)
			value |= (uint32_t)byte << 8 * i;
	}
	if (kept == 0 || kept == 4)
		return (int32_t)value;
	return (int32_t)(value << (32 - 8 * kept)) >> (32 - 8 * kept);
}

static void operands(struct cursor *c, struct x86_instruction *out)
{
	uint8_t modrm = next(c), sib, base;
	size_t displacement;

	out->mod = modrm >> 6;
	out->reg = (modrm >> 3 & 7) | (c->rex & 4) << 1;
	out->rm = base = modrm & 7;
	displacement = out->mod == 1 ? 1 : out->mod == 2 ? 4 : 0;
	if (out->mod != 3 && base == X86_RSP) {
		sib = next(c);
		out->rm = base = sib & 7;
		if (out->mod == 0 && base == X86_RBP) {
			displacement = 4;
			out->rm = NO_REGISTER;
		}
		if ((sib >> 3 & 7) != X86_RSP || c->rex & 2)
			out->rm = NO_REGISTER;
	} else if (out->mod == 0 && base == X86_RBP) {
		displacement = 4;
		out->rm = NO_REGISTER;
	}
	if (out->rm != NO_REGISTER)
		out->rm |= (c->rex & 1) << 3;
	out->displacement = number(c, displacement);
}

bool x86_decode(const uint8_t *code, size_t size, struct x86_instruction *out)
{
	struct cursor c = {code, code + (size < LENGTH_MAX ? size : LENGTH_MAX), false, 0};

	memset(out, 0, sizeof(*out));
	prefixes(&c, out);
	if (!opcode(&c, out) || ran_out(&c) || is_invalid(out))
		return false;
	out->wide = c.rex & 8;
	out->has_modrm = has_modrm(out);
	if (out->has_modrm)
		operands(&c, out);
	else
		out->rm = (out->opcode & 7) | (c.rex & 1) << 3;
	out->immediate = number(&c, immediate_size(out, &c));
	if (ran_out(&c))
		return false;
	out->length = (uint8_t)(c.at - code);
	return true;
}
