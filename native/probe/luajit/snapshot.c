/* SPDX-License-Identifier: MIT */
#include "luajit/snapshot.h"

#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "luajit/bytecode.h"
#include "luajit/object.h"
#include "walk/arch.h"
#include "walk/link.h"

#define COUNT_MAX 4096
#define WORDS_MAX 65536
#define CONSTANTS_MAX 8192
#define MAP_FRAME 0x010000u
#define MAP_CONTINUATION 0x020000u
/*
 * Behind a snapshot's entries stands (bytecode position << 8 | base slot - 2) in two words. Without
 * GC64: the position, and then the links of the frames in it, from the innermost outwards.
 */
#define FOOTER 2
#define FOOTER_32 1
#define INLINED_MAX 64
#define COPIES_MAX 64

struct snapshot {
	uint32_t map;
	uint16_t ref, mcode;
	uint8_t slots, top, entries, count;
};

struct decoder {
	const struct trace_snapshots *snapshots;
	const struct memory *memory;
	const struct layout *layout;
	const uint32_t *map;
	uint32_t entries;
	uint32_t link, links; /* the next word of the links, and their end, without GC64 */
	uint32_t head;	      /* slots of a frame below its base */
	struct inlined_frame frames[INLINED_MAX];
	uint32_t count;
	bool tail_called;
};

/* Stands for a snapshot that could not be decoded, so that it is not tried again. */
static struct inlined nothing;

void snapshots_free(struct trace_snapshots *s)
{
	uint32_t i;

	for (i = 0; s->decoded && i < s->count; i++)
		if (s->decoded[i] != &nothing)
			free(s->decoded[i]);
	free(s->decoded);
	free(s->items);
	free(s->map);
	free(s->constants);
	memset(s, 0, sizeof(*s));
}

/* Builds without machine-code offsets have other fields there, and then the sizes do not add up. */
static bool consistent(const struct trace_snapshots *s)
{
	uint32_t footer = s->layout->gc32 ? FOOTER_32 : FOOTER, i;

	for (i = 0; i < s->count; i++) {
		if (s->items[i].map + s->items[i].entries + footer > s->words)
			return false;
		if (i &&
		    (s->items[i].map < s->items[i - 1].map + s->items[i - 1].entries + footer ||
		     s->items[i].mcode < s->items[i - 1].mcode))
			return false;
	}
	return s->count > 0;
}

void snapshots_read(struct trace_snapshots *s, const struct memory *m, const struct layout *layout,
		    uint64_t ir, uint32_t first_constant, uint64_t items, uint32_t count,
		    uint64_t map, uint32_t words)
{
	uint32_t constants = TRACE_FIRST_INSTRUCTION - first_constant;

	memset(s, 0, sizeof(*s));
	s->layout = layout;
	if (!count || count > COUNT_MAX || words > WORDS_MAX ||
	    first_constant > TRACE_FIRST_INSTRUCTION || constants > CONSTANTS_MAX)
		return;
	s->count = count;
	s->words = words;
	s->first_constant = first_constant;
	s->items = malloc(count * sizeof(*s->items));
	s->decoded = calloc(count, sizeof(*s->decoded));
	s->map = malloc(words * sizeof(*s->map) + 1);
	s->constants = malloc(constants * sizeof(*s->constants) + 1);
	if (!s->items || !s->decoded || !s->map || !s->constants ||
	    !memory_read(m, items, s->items, count * sizeof(*s->items)) ||
	    !memory_read(m, map, s->map, words * sizeof(*s->map)) ||
	    !memory_read(m, ir + 8ULL * first_constant, s->constants, constants * 8ULL) ||
	    !consistent(s))
		snapshots_free(s);
}

/* Has the slot an entry with all of `flags`? */
static bool has_slot(const struct decoder *d, uint32_t slot, uint32_t flags)
{
	uint32_t i;

	for (i = 0; i < d->entries; i++)
		if (d->map[i] >> 24 == slot && (d->map[i] & flags) == flags)
			return true;
	return false;
}

/* The 64-bit constant in a slot; 0: none there, or it is computed when the trace runs. */
static uint64_t slot_constant(const struct decoder *d, uint32_t slot, uint32_t flags)
{
	const struct trace_snapshots *s = d->snapshots;
	uint32_t i, ref;

	for (i = 0; i < d->entries; i++) {
		if (d->map[i] >> 24 != slot || (d->map[i] & flags) != flags)
			continue;
		ref = d->map[i] & 0xffff;
		if (ref < s->first_constant || ref + 1 >= TRACE_FIRST_INSTRUCTION)
			return 0;
		/* An object's reference of 32 bits is in the instruction itself. */
		if (d->layout->gc32)
			return (uint32_t)s->constants[ref - s->first_constant];
		return s->constants[ref + 1 - s->first_constant];
	}
	return 0;
}

/* Adds the frame whose function stands in `slot`, by the function itself or by its bytecode. */
static bool add_frame(struct decoder *d, uint32_t slot, uint64_t pc)
{
	struct inlined_frame *f = &d->frames[d->count];
	uint64_t function = VALUE_POINTER(slot_constant(d, slot, 0));
	struct function_head head;
	uint32_t instruction;
	struct proto p;

	if (d->count == INLINED_MAX)
		return false;
	*f = (struct inlined_frame){.pc = pc, .function = function};
	if (function && function_read(d->memory, d->layout, function, &head)) {
		if (head.ffid) {
			f->c = (struct c_identity){head.ffid, function, head.c};
			d->count++;
			return true;
		}
		if (!proto_read(d->memory, d->layout, head.pc - layout_proto_size(d->layout), &p))
			return false;
	} else if (!pc) {
		return false;
	} else if (!proto_around(d->memory, d->layout, pc, &p)) {
		/* A trace that calls an iterator in C keeps what it is, and not which one. */
		if (d->count || !memory_u32(d->memory, pc, &instruction) ||
		    !bytecode_is_c(instruction))
			return false;
		f->c.ffid = FFID_UNKNOWN;
		d->count++;
		return true;
	}
	f->proto = p.address;
	f->print = p.print;
	d->count++;
	return true;
}

static uint64_t next_link(struct decoder *d)
{
	return d->link < d->links ? d->map[d->link++] : 0;
}

/* The link of the frame at `base`; 0: it is not in the snapshot. */
static uint64_t link_of(struct decoder *d, uint32_t base)
{
	if (!d->layout->gc32)
		return slot_constant(d, base - 1, MAP_FRAME);
	return has_slot(d, base - 1, MAP_FRAME) ? next_link(d) : 0;
}

static bool walk(struct decoder *d, uint64_t pc, uint32_t base)
{
	uint64_t link;
	uint32_t instruction;
	bool skip = false;

	while (base > d->head) {
		if (!skip && !add_frame(d, base - d->head, pc))
			return false;
		skip = false;
		link = link_of(d, base);
		if (!link)
			return false;
		if (LINK_KIND(link) == LINK_LUA) {
			if (!memory_u32(d->memory, link - 4, &instruction) ||
			    bytecode_a(instruction) + d->head > base - d->head)
				return false;
			pc = link - 4;
			base -= bytecode_a(instruction) + d->head;
			continue;
		}
		if (!LINK_BYTES(link) || LINK_BYTES(link) / 8 > base - d->head)
			return false;
		pc = 0;
		if (LINK_TYPE(link) == LINK_CONTINUATION)
			pc = d->layout->gc32 ? next_link(d) : slot_constant(d, base - 3, 0);
		if (pc)
			pc -= 4;
		skip = LINK_TYPE(link) == LINK_VARARG;
		base -= (uint32_t)(LINK_BYTES(link) / 8);
	}
	/* The function in slot 0 is not the one of the stack where the snapshot has its frame. */
	d->tail_called = has_slot(d, d->head - 1, d->layout->gc32 ? MAP_FRAME : 0);
	if (d->tail_called)
		return add_frame(d, 0, pc);
	if (d->count == INLINED_MAX)
		return false;
	d->frames[d->count++] = (struct inlined_frame){.pc = pc};
	return true;
}

static bool walk_all(struct decoder *d)
{
	uint32_t base = d->head, i;
	uint64_t footer;

	if (!d->layout->gc32) {
		memcpy(&footer, d->map + d->entries, sizeof(footer));
		return walk(d, footer >> 8, (uint32_t)(footer & 0xff) + d->head);
	}
	for (i = 0; i < d->entries; i++)
		if ((d->map[i] & MAP_FRAME) && d->map[i] >> 24 >= base)
			base = (d->map[i] >> 24) + 1;
	/* All links must have been used: builds without offsets have other fields there. */
	return walk(d, d->map[d->entries], base) && d->link == d->links;
}

static struct inlined *decode(const struct trace_snapshots *s, const struct memory *m,
			      const struct snapshot *snapshot)
{
	struct decoder d = {
		.snapshots = s, .memory = m, .layout = s->layout, .head = s->layout->gc32 ? 1 : 2};
	struct inlined *out;

	d.map = s->map + snapshot->map;
	d.entries = snapshot->entries;
	d.link = d.entries + FOOTER_32;
	d.links =
		(snapshot + 1 == s->items + s->count ? s->words : snapshot[1].map) - snapshot->map;
	if (!walk_all(&d))
		return &nothing;
	out = malloc(sizeof(*out) + d.count * sizeof(*d.frames));
	if (!out)
		return &nothing;
	out->count = d.count;
	out->looked_on = out->enters_next = out->lost = false;
	out->tail_called = d.tail_called;
	memcpy(out->frames, d.frames, d.count * sizeof(*d.frames));
	return out;
}

/* Are there only copies from one instruction up to another of the same function? */
static bool only_copies(const struct memory *m, uint64_t from, uint64_t to)
{
	uint32_t code[COPIES_MAX], n = (to - from) / 4;

	if (!from || to - from > sizeof(code) || !memory_read(m, from, code, n * 4ULL))
		return false;
	while (n > 0 && bytecode_is_copy(code[n - 1]))
		n--;
	return n == 0;
}

/*
 * A branch that was taken has a snapshot in the caller; the callee has one only where it branches
 * itself. Where the way there has nothing but arguments and calls, the code between the two is the
 * callee's.
 */
static bool enters(const struct memory *m, const struct layout *layout, const struct inlined *now,
		   const struct inlined *next)
{
	uint32_t deeper = next->count - now->count, i;
	const struct inlined_frame *f = next->frames + deeper;

	if (next->count <= now->count || next->tail_called != now->tail_called)
		return false;
	for (i = 1; i < now->count; i++)
		if (f[i].proto != now->frames[i].proto || f[i].pc != now->frames[i].pc)
			return false;
	if (f[0].proto != now->frames[0].proto || !only_copies(m, now->frames[0].pc, f[0].pc))
		return false;
	for (i = 1; i < deeper; i++) {
		f = next->frames + i;
		if (!f->proto || !only_copies(m, f->proto + layout_proto_size(layout) + 4, f->pc))
			return false;
	}
	return next->frames[0].proto != 0;
}

static struct inlined *decoded(struct trace_snapshots *s, const struct memory *m, uint32_t i)
{
	if (!s->decoded[i])
		s->decoded[i] = decode(s, m, &s->items[i]);
	return s->decoded[i];
}

struct snapshot_pair snapshots_around(struct trace_snapshots *s, const struct memory *m,
				      uint64_t offset)
{
	uint64_t at = offset / MCODE_UNIT;
	uint32_t low = 0, high = s->count, middle;
	struct inlined *now, *next = &nothing;

	while (low < high) {
		middle = (low + high) / 2;
		if (s->items[middle].mcode <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (!s->count)
		return (struct snapshot_pair){0};
	low -= low > 0;
	now = decoded(s, m, low);
	if (low + 1 < s->count)
		next = decoded(s, m, low + 1);
	if (now != &nothing && next != &nothing && !now->looked_on) {
		now->looked_on = true;
		now->enters_next = enters(m, s->layout, now, next);
	}
	return (struct snapshot_pair){
		now == &nothing ? NULL : now,
		next == &nothing ? NULL : next,
	};
}

const struct inlined *snapshots_between(const struct snapshot_pair *pair)
{
	return pair->now && pair->now->enters_next ? pair->next : pair->now;
}
