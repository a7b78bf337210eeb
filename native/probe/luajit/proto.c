/* SPDX-License-Identifier: MIT */
#include "luajit/proto.h"

#include <linux/types.h>
#include <string.h>

#include "luajit/bytecode.h"
#include "walk/sample.h"

#define BYTECODES_MAX (1u << 26)
/* How far before an instruction the head of its prototype is looked for. */
#define AROUND_STEP 4096
#define AROUND_STEPS 64
/* Returns are looked for among so many of a function's last instructions. */
#define RETURN_WITHIN 1024
/* From the first instruction of a trace, as the VM keeps it, to its position. */
#define TRACE_START_PC 8
#define TRACE_START_PC_32 4

struct head {
	uint64_t next;
	uint8_t marked, gct, parameters, frame_size;
	uint32_t bytecodes;
	uint64_t env, gclist, constants, upvalues;
	uint32_t gc_constants, numbers, size;
	uint8_t upvalue_count, flags;
	uint16_t trace;
	uint64_t chunkname;
	uint32_t first_line, lines;
	uint64_t line_info, upvalue_names, variable_names;
};
_Static_assert(sizeof(struct head) == PROTO_SIZE, "GCproto of GC64 builds");

struct head_32 {
	uint32_t next;
	uint8_t marked, gct, parameters, frame_size;
	uint32_t bytecodes, gclist, constants, upvalues, gc_constants, numbers, size;
	uint8_t upvalue_count, flags;
	uint16_t trace;
	uint32_t chunkname, first_line, lines, line_info, upvalue_names, variable_names;
};
_Static_assert(sizeof(struct head_32) == PROTO_SIZE_32, "GCproto of builds without GC64");

static struct head widened(const struct head_32 *h)
{
	return (struct head){
		.gct = h->gct,
		.bytecodes = h->bytecodes,
		.constants = h->constants,
		.upvalues = h->upvalues,
		.parameters = h->parameters,
		.upvalue_count = h->upvalue_count,
		.gc_constants = h->gc_constants,
		.numbers = h->numbers,
		.size = h->size,
		.flags = h->flags,
		.chunkname = h->chunkname,
		.first_line = h->first_line,
		.lines = h->lines,
		.line_info = h->line_info,
		.upvalue_names = h->upvalue_names,
		.variable_names = h->variable_names,
	};
}

static bool inside(const struct proto *p, uint64_t address)
{
	return !address || (address >= p->code && address <= p->end);
}

/* `raw` is what is at `address`, a head's size of it. */
static bool parse(const struct layout *layout, uint64_t address, const void *raw, struct proto *out)
{
	struct head_32 narrow;
	struct head h;

	if (layout->gc32) {
		memcpy(&narrow, raw, sizeof(narrow));
		h = widened(&narrow);
	} else {
		memcpy(&h, raw, sizeof(h));
	}
	if (h.gct != LUA_PROTO || !h.bytecodes || h.bytecodes > BYTECODES_MAX || !h.chunkname)
		return false;
	*out = (struct proto){
		.address = address,
		.code = address + layout_proto_size(layout),
		.gc32 = layout->gc32,
		.flags = h.flags,
		.bytecodes = h.bytecodes,
		.first_line = h.first_line,
		.lines = h.lines,
		.print = sample_print(h.chunkname, h.first_line, h.lines),
		.chunkname = h.chunkname,
		.constants = h.constants,
		.upvalues = h.upvalues,
		.gc_constants = h.gc_constants,
		.numbers = h.numbers,
		.parameters = h.parameters,
		.upvalue_count = h.upvalue_count,
		.line_info = h.line_info,
		.upvalue_names = h.upvalue_names,
		.variable_names = h.variable_names,
		.end = address + h.size,
	};
	return h.size >= layout_proto_size(layout) + h.bytecodes * 4ULL &&
	       inside(out, h.constants) && inside(out, h.line_info) &&
	       inside(out, h.upvalue_names) && inside(out, h.variable_names);
}

bool proto_read(const struct memory *m, const struct layout *layout, uint64_t address,
		struct proto *out)
{
	struct head h;

	return memory_read(m, address, &h, layout_proto_size(layout)) &&
	       parse(layout, address, &h, out);
}

uint32_t proto_position(const struct memory *m, const struct proto *p, uint64_t pc)
{
	uint64_t begin = p->code, start = 0;
	uint32_t instruction;

	if (!pc)
		return NO_POSITION;
	if (pc - begin <= p->bytecodes * 4ULL)
		return pc == begin ? 0 : (uint32_t)((pc - begin) / 4 - 1);
	if (!memory_u32(m, pc - 4, &instruction) || !bytecode_is_return(instruction) ||
	    !memory_read(m, pc - 4 - (p->gc32 ? TRACE_START_PC_32 : TRACE_START_PC), &start,
			 p->gc32 ? 4 : 8) ||
	    start - begin >= p->bytecodes * 4ULL)
		return NO_POSITION;
	return (uint32_t)((start - begin) / 4);
}

uint32_t proto_line(const struct memory *m, const struct proto *p, uint32_t position)
{
	uint64_t at = p->line_info;
	uint32_t delta = 0;
	size_t width = p->lines < 256 ? 1 : p->lines < 65536 ? 2 : 4;

	if (!at || position > p->bytecodes)
		return 0;
	if (position == p->bytecodes)
		return p->first_line + p->lines;
	if (position == 0)
		return p->first_line;
	if (!memory_read(m, at + (position - 1) * width, &delta, width) || delta > p->lines)
		return 0;
	return p->first_line + delta;
}

bool proto_return(const struct memory *m, const struct proto *p, uint32_t *position, bool *only)
{
	uint32_t code[RETURN_WITHIN], n = p->bytecodes, from = 0, last = 0;

	if (n > RETURN_WITHIN)
		from = n - RETURN_WITHIN;
	if (!memory_read(m, p->code + from * 4ULL, code, (n - from) * 4ULL))
		return false;
	*only = !from;
	while (n-- > from) {
		if (!bytecode_is_return(code[n - from]))
			continue;
		if (!last)
			last = n;
		else if (proto_line(m, p, last) != proto_line(m, p, n))
			*only = false;
	}
	if (last)
		*position = last;
	return last != 0;
}

/* Constants stand right behind the bytecode: memory that is no prototype does not have them there.
 */
static bool is_whole(const struct layout *layout, const struct proto *p)
{
	uint64_t size = layout_proto_size(layout) + p->bytecodes * 4ULL +
			(uint64_t)layout_reference(layout) * p->gc_constants;

	return p->constants - p->address == ((size + 7) & ~7ULL);
}

bool proto_parse(const struct layout *layout, uint64_t address, const void *raw, struct proto *out)
{
	return parse(layout, address, raw, out) && is_whole(layout, out);
}

/* The prototype that begins in a piece of memory that was read, and has `pc` in its bytecode. */
static bool find_in(const struct layout *layout, uint64_t from, const uint8_t *piece, size_t heads,
		    uint64_t pc, struct proto *out)
{
	for (size_t at = heads; at >= 8;) {
		at -= 8;
		if (piece[at + layout_type(layout)] == LUA_PROTO &&
		    proto_parse(layout, from + at, piece + at, out) &&
		    pc - out->code < out->bytecodes * 4ULL)
			return true;
	}
	return false;
}

bool proto_around(const struct memory *m, const struct layout *layout, uint64_t pc,
		  struct proto *out)
{
	uint8_t window[AROUND_STEP + PROTO_SIZE];
	uint64_t from, skipped;
	int step;

	pc &= ~7ULL;
	for (step = 1; step <= AROUND_STEPS; step++) {
		from = pc - (uint64_t)step * AROUND_STEP;
		if (memory_read(m, from, window, sizeof(window))) {
			if (find_in(layout, from, window, AROUND_STEP, pc, out))
				return true;
			continue;
		}
		/* Nothing is before the page that follows: it may be the first one of its memory.
		 */
		skipped = -from % AROUND_STEP;
		return memory_read(m, from + skipped, window, sizeof(window) - skipped) &&
		       find_in(layout, from + skipped, window, AROUND_STEP - skipped, pc, out);
	}
	return false;
}
