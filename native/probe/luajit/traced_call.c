/* SPDX-License-Identifier: MIT */
#include "luajit/traced_call.h"

#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "luajit/bytecode.h"
#include "luajit/object.h"
#include "walk/arch.h"

#define CANDIDATES_MAX 64
#define PLACES_MAX 32
#define BYTECODES_MAX 16384
#define NAMES_MAX 1024
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

/* A Lua function that the trace may have run. */
struct candidate {
	struct proto proto;
	uint64_t function; /* one of its closures; 0: none is known */
};

/* An instruction that calls the C function. */
struct place {
	const struct candidate *candidate;
	uint64_t pc;
};

struct search {
	const struct traced_call *call;
	uint64_t target;
	char names[NAMES_MAX]; /* of the target */
	size_t names_size;
	struct candidate candidates[CANDIDATES_MAX];
	size_t candidate_count;
	struct place places[PLACES_MAX];
	size_t place_count;
	bool full; /* there may be more than were looked at */
	/* NULL as well where the frames are not those of a stack that ends at jit_base. */
	const struct inlined *now, *next;
	uint32_t common; /* frames that neither left, from jit_base on */
};

/* ---- what was called ---------------------------------------------------------------------------
 */

/*
 * What the instruction before `back` calls: 0 by a register, as what is too far away. False where
 * it cannot be read or is no call.
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
static bool find_target(struct search *s)
{
	const struct traced_call *c = s->call;
	uint64_t start;

	if (!called_by_code(c->memory, c->back, &s->target) ||
	    (s->target && !is_constant(c->snapshots, s->target)))
		return false;
	s->names_size = native_symbols_function(c->symbols, s->target ? s->target : c->callee,
						&start, s->names, NAMES_MAX);
	if (!s->target && s->names_size)
		s->target = start;
	if (!s->names_size || start != s->target)
		s->names_size = 0;
	return true;
}

/* ---- who may have called it --------------------------------------------------------------------
 */

static void add_candidate(struct search *s, uint64_t proto, uint64_t function)
{
	struct candidate *c = s->candidates;

	for (; c < s->candidates + s->candidate_count; c++) {
		if (c->proto.address != proto)
			continue;
		if (!c->function)
			c->function = function;
		return;
	}
	if (s->candidate_count == CANDIDATES_MAX) {
		s->full = true;
		return;
	}
	if (!proto_read(s->call->memory, s->call->layout, proto, &c->proto))
		return;
	c->function = function;
	s->candidate_count++;
}

static void add_frames(struct search *s, const struct inlined *inlined)
{
	uint32_t i;

	for (i = 0; inlined && i < inlined->count; i++)
		if (inlined->frames[i].proto)
			add_candidate(s, inlined->frames[i].proto, inlined->frames[i].function);
}

static void add_constants(struct search *s)
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

/* What the closure calls by an upvalue: 1: the target, 0: not, -1: not known. */
static int upvalue_calls(const struct search *s, const struct candidate *c, uint32_t position)
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

static bool calls_by_name(const struct search *s, const struct candidate *c, uint32_t position)
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

static void find_places(struct search *s, const struct candidate *c)
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
			if (s->place_count == PLACES_MAX) {
				s->full = true;
				break;
			}
			s->places[s->place_count++] = (struct place){c, c->proto.code + i * 4ULL};
		}
	free(code);
}

/* ---- between the snapshots ---------------------------------------------------------------------
 */

static bool is_in(const struct proto *p, uint64_t pc)
{
	return pc - p->code < p->bytecodes * 4ULL;
}

/* A trace that returns to a lower frame moves jit_base: only one of the snapshots fits it then. */
static const struct inlined *ends_at_base(const struct search *s, const struct inlined *inlined)
{
	if (!inlined || inlined->tail_called ||
	    !is_in(s->call->base, inlined->frames[inlined->count - 1].pc))
		return NULL;
	return inlined;
}

static const struct inlined_frame *frame_at(const struct inlined *inlined, uint32_t from_base)
{
	return &inlined->frames[inlined->count - 1 - from_base];
}

static uint32_t common_frames(const struct search *s)
{
	const struct inlined *a = s->now, *b = s->next;
	uint32_t n = 1;

	if (!a || !b)
		return a && !s->call->around.next ? a->count : 1;
	while (n < a->count && n < b->count && frame_at(a, n)->proto &&
	       frame_at(a, n)->proto == frame_at(b, n)->proto &&
	       frame_at(a, n - 1)->pc == frame_at(b, n - 1)->pc)
		n++;
	return n;
}

static struct inlined *copy_from(const struct inlined *inlined, uint32_t index, uint32_t more)
{
	uint32_t count = inlined->count - index;
	struct inlined *out = malloc(sizeof(*out) + (count + more) * sizeof(*out->frames));

	if (!out)
		return NULL;
	memset(out, 0, sizeof(*out));
	out->count = count + more;
	memset(out->frames, 0, more * sizeof(*out->frames));
	memcpy(out->frames + more, inlined->frames + index, count * sizeof(*out->frames));
	return out;
}

static uint32_t instruction_at(const struct search *s, uint64_t pc)
{
	uint32_t instruction = 0;

	memory_u32(s->call->memory, pc, &instruction);
	return instruction;
}

/* Where the innermost common frame is: at its only call between the two, if there is one. */
static uint64_t common_pc(const struct search *s)
{
	const struct inlined *any = s->now ? s->now : s->next;
	uint64_t from = frame_at(any, s->common - 1)->pc, at, found = 0, to;

	if (!s->now || !s->next)
		return from;
	to = frame_at(s->next, s->common - 1)->pc;
	for (at = from + 4; at < to && at - from < 4096; at += 4) {
		if (!bytecode_is_call(instruction_at(s, at)))
			continue;
		if (found)
			return from;
		found = at;
	}
	return found ? found : from;
}

/* The frames that neither left, with room for more in front of them. */
static struct inlined *copy_common(const struct search *s, uint32_t more)
{
	const struct inlined *any = s->now ? s->now : s->next;
	struct inlined *out = copy_from(any, any->count - s->common, more);

	if (out)
		out->frames[more].pc = common_pc(s);
	return out;
}

static struct inlined *behind_call(const struct search *s)
{
	struct inlined *out = copy_from(s->next, 0, 0);

	if (out)
		out->frames[0].pc -= 4;
	return out;
}

static uint64_t proto_of(const struct search *s, const struct inlined *inlined, uint32_t index)
{
	return index + 1 == inlined->count ? s->call->base->address : inlined->frames[index].proto;
}

/* It is called by a frame of one of the snapshots: that one, with nothing in front of it. */
static struct inlined *in_frame(const struct search *s, const struct inlined *inlined,
				const struct place *place)
{
	struct inlined *out;
	uint32_t i;

	for (i = 0; inlined && i + s->common <= inlined->count; i++) {
		if (proto_of(s, inlined, i) != place->candidate->proto.address)
			continue;
		out = copy_from(inlined, i, 0);
		if (out)
			out->frames[0].pc = place->pc;
		return out;
	}
	return NULL;
}

/* By a function that was entered and left between them. */
static struct inlined *in_function(const struct search *s, const struct place *place)
{
	struct inlined *out = copy_common(s, 1);

	if (out)
		out->frames[0] = (struct inlined_frame){
			.proto = place->candidate->proto.address,
			.print = place->candidate->proto.print,
			.pc = place->pc,
		};
	return out;
}

/* All frames of the two are the same, but for where the innermost is. */
static bool is_same_stack(const struct search *s)
{
	return (!s->now || s->now->count == s->common) && (!s->next || s->next->count == s->common);
}

static bool has_one_caller(const struct search *s)
{
	size_t i;

	for (i = 1; i < s->place_count; i++)
		if (s->places[i].candidate != s->places[0].candidate)
			return false;
	return s->place_count && !s->full;
}

static bool has_function(const struct search *s, const struct inlined *inlined, uint64_t proto)
{
	uint32_t i;

	for (i = 0; inlined && i < inlined->count; i++)
		if (proto_of(s, inlined, i) == proto)
			return true;
	return false;
}

/* Are all functions that the trace knows in the two stacks? Then none was entered and left. */
static bool is_all_seen(const struct search *s)
{
	uint64_t proto;
	size_t i;

	for (i = 0; i < s->candidate_count; i++) {
		proto = s->candidates[i].proto.address;
		if (!has_function(s, s->now, proto) && !has_function(s, s->next, proto))
			return false;
	}
	return !s->full;
}

static struct inlined *choose(const struct search *s)
{
	struct inlined *out;
	size_t i;

	if (!s->now && !s->next)
		return NULL;
	for (i = 0; s->next && i < s->place_count; i++)
		if (s->places[i].pc == s->next->frames[0].pc - 4)
			return behind_call(s);
	if (has_one_caller(s)) {
		out = in_frame(s, s->now, &s->places[0]);
		if (!out)
			out = in_frame(s, s->next, &s->places[0]);
		return out ? out : in_function(s, &s->places[0]);
	}
	if (!s->place_count && is_all_seen(s)) {
		if (is_same_stack(s))
			return NULL;
		if (s->next && bytecode_is_call(instruction_at(s, s->next->frames[0].pc - 4)))
			return behind_call(s);
	}
	out = copy_common(s, 0);
	if (out)
		out->lost = true;
	return out;
}

struct inlined *traced_call_frames(const struct traced_call *c)
{
	struct search *s;
	struct inlined *out = NULL;
	size_t i;

	if (c->layout->gc32 || !c->snapshots->constants)
		return NULL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->call = c;
	if (find_target(s)) {
		add_candidate(s, c->base->address, 0);
		add_frames(s, c->around.now);
		add_frames(s, c->around.next);
		add_constants(s);
		for (i = 0; s->target && i < s->candidate_count; i++)
			find_places(s, &s->candidates[i]);
		s->now = ends_at_base(s, c->around.now);
		s->next = ends_at_base(s, c->around.next);
		s->common = common_frames(s);
		out = choose(s);
	}
	free(s);
	return out;
}
