/* SPDX-License-Identifier: MIT */
#include "unwind/sljit.h"

#include "unwind/reader.h"

#define HEADER 16
#define RBP 5
#define RET 0xc3

struct function {
	size_t start, end; /* in the mapping */
	uint32_t pushed;   /* registers */
	uint32_t rbp;	   /* which push was rbp's, from 1; 0: none */
	uint32_t room;	   /* bytes below them */
};

static uint32_t rule_of(uint32_t pushed, uint32_t rbp, uint32_t room)
{
	bool saved = rbp && rbp <= pushed;

	return unwind_rule(UNWIND_SP, saved ? rbp + 1 : UNWIND_PLACE_SAME, 1,
			   (int32_t)(1 + pushed + room / 8));
}

static uint8_t peek(const struct reader *r, size_t ahead)
{
	return reader_left(r) > ahead ? r->data[r->at + ahead] : 0;
}

/* push or pop, whose first opcode is `opcode`: the length, 0 if it is another instruction. */
static size_t stack_instruction(const struct reader *r, uint8_t opcode, uint32_t *reg)
{
	size_t prefix = peek(r, 0) == 0x41;
	uint8_t byte = peek(r, prefix);

	if ((byte & 0xf8) != opcode)
		return 0;
	*reg = (byte & 7u) + 8 * (uint32_t)prefix;
	return prefix + 1;
}

/* add or sub of a constant to rsp, by the second half of its opcode. */
static bool moves_rsp(struct reader *r, uint8_t modrm, uint32_t *bytes)
{
	uint8_t opcode = peek(r, 1);

	if (peek(r, 0) != 0x48 || (opcode != 0x83 && opcode != 0x81) || peek(r, 2) != modrm)
		return false;
	reader_skip(r, 3);
	*bytes = (uint32_t)reader_number(r, opcode == 0x83 ? 1 : 4);
	return !r->failed && *bytes % 8 == 0 && *bytes < (1u << 17) &&
	       (opcode == 0x81 || *bytes < 0x80);
}

/* A move between registers, or the mark of a place that may be jumped to: the length. */
static size_t harmless(const struct reader *r)
{
	uint8_t opcode = peek(r, 1);

	if ((peek(r, 0) & 0xf8) == 0x48 && (opcode == 0x89 || opcode == 0x8b) && peek(r, 2) >= 0xc0)
		return 3;
	return peek(r, 0) == 0xf3 && opcode == 0x0f && peek(r, 2) == 0x1e ? 4 : 0;
}

static bool read_prologue(struct reader *r, struct function *f, struct rows *rows)
{
	size_t length;
	uint32_t reg;

	for (int i = 0; i < 16; i++) {
		if (!rows_add(rows, (uint32_t)r->at, rule_of(f->pushed, f->rbp, 0)))
			return false;
		length = stack_instruction(r, 0x50, &reg);
		if (length) {
			f->pushed++;
			if (reg == RBP)
				f->rbp = f->pushed;
		} else if (moves_rsp(r, 0xec, &f->room)) {
			return rows_add(rows, (uint32_t)r->at, rule_of(f->pushed, f->rbp, f->room));
		} else {
			length = harmless(r);
		}
		if (!length)
			return false;
		reader_skip(r, length);
	}
	return false;
}

/* From behind the instruction that gives back the room: as many pops, and a return. */
static bool read_epilogue(struct reader r, const struct function *f, struct rows *rows)
{
	struct reader look = r;
	uint32_t reg, left;
	size_t length;

	for (left = f->pushed; left; left--) {
		length = stack_instruction(&look, 0x58, &reg);
		if (!length)
			return true;
		reader_skip(&look, length);
	}
	if (peek(&look, 0) != RET)
		return true;
	for (left = f->pushed;; left--) {
		if (!rows_add(rows, (uint32_t)r.at, rule_of(left, f->rbp, 0)))
			return false;
		if (!left)
			break;
		reader_skip(&r, stack_instruction(&r, 0x58, &reg));
	}
	return rows_add(rows, (uint32_t)r.at + 1, rule_of(f->pushed, f->rbp, f->room));
}

/* False where it is none that is understood, or out of memory. */
static bool read_function(const uint8_t *code, struct function *f, struct rows *rows)
{
	struct reader r = {.data = code, .size = f->end, .at = f->start}, next;
	uint32_t room;

	if (!read_prologue(&r, f, rows))
		return false;
	for (; reader_left(&r); reader_skip(&r, 1)) {
		next = r;
		if (moves_rsp(&next, 0xc4, &room) && room == f->room &&
		    !read_epilogue(next, f, rows))
			return false;
	}
	return true;
}

bool sljit_rows(const uint8_t *code, size_t size, struct rows *rows)
{
	const uint32_t foreign = unwind_rule(UNWIND_ANSWER_FOREIGN, 0, 0, 0);
	struct reader r = reader_of(code, size);
	uint64_t length, before, previous = 0;
	bool any = false;

	while (reader_left(&r) >= HEADER) {
		struct function f = {.start = r.at + HEADER};
		size_t kept = rows->count;

		length = reader_number(&r, 8);
		before = reader_number(&r, 8);
		/* A free block: behind its header two links, and its size. */
		if (length == 0 && reader_left(&r) >= 24) {
			reader_skip(&r, 16);
			length = reader_number(&r, 8);
			r.at = f.start;
			f.start = 0;
		}
		if (before != previous || length < 2 * HEADER || length % 8 ||
		    length - HEADER > reader_left(&r))
			break;
		previous = length;
		reader_skip(&r, length - HEADER);
		f.end = r.at;
		if (f.start && read_function(code, &f, rows)) {
			any = true;
		} else {
			rows->count = kept;
			if (!rows_add(rows, (uint32_t)(f.end - length), foreign))
				return false;
		}
		if (!rows_add(rows, (uint32_t)f.end, foreign))
			return false;
	}
	return any;
}
