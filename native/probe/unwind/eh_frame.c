/* SPDX-License-Identifier: MIT */
#include "unwind/eh_frame.h"

/* Pointer encodings: the low 4 bits are the format, the next 3 what it is relative to. */
#define PE_ABSPTR 0x00
#define PE_UDATA2 0x02
#define PE_UDATA4 0x03
#define PE_UDATA8 0x04
#define PE_SDATA2 0x0a
#define PE_SDATA4 0x0b
#define PE_SDATA8 0x0c
#define PE_PCREL 0x10
#define PE_OMIT 0xff

#define CIE_MAX 512

struct walk {
	const struct frame_section *section;
	const struct cfi_machine *machine;
	struct rows *rows;
	struct frame_counts *counts;
	size_t cie_at; /* of the CIE in `cie`; SIZE_MAX: none */
	struct cfi_cie cie;
	bool cie_good, out_of_memory;
};

/* One entry: its bytes after the length, and where in the section they begin. */
struct entry {
	struct reader body;
	size_t start, next;
	bool wide; /* 64-bit DWARF */
};

static uint64_t format_number(struct reader *r, uint8_t encoding)
{
	switch (encoding & 0x0f) {
	case PE_ABSPTR:
	case PE_UDATA8:
	case PE_SDATA8:
		return reader_number(r, 8);
	case PE_UDATA4:
		return reader_number(r, 4);
	case PE_SDATA4:
		return (uint64_t)reader_signed(r, 4);
	case PE_UDATA2:
		return reader_number(r, 2);
	case PE_SDATA2:
		return (uint64_t)reader_signed(r, 2);
	default:
		r->failed = true;
		return 0;
	}
}

/* `position` is the place of the pointer in the section. */
static uint64_t encoded_pointer(struct walk *w, struct reader *r, uint8_t encoding, size_t position)
{
	uint64_t value;

	if (encoding == PE_OMIT) {
		r->failed = true;
		return 0;
	}
	value = format_number(r, encoding);
	switch (encoding & 0x70) {
	case 0:
		return value;
	case PE_PCREL:
		return value + w->section->address + position;
	default:
		r->failed = true;
		return 0;
	}
}

static bool read_entry(const struct frame_section *section, size_t at, struct entry *e)
{
	struct reader r = reader_of(section->data, section->size);
	uint64_t length;

	reader_skip(&r, at);
	length = reader_number(&r, 4);
	e->wide = length == 0xffffffff;
	if (e->wide)
		length = reader_number(&r, 8);
	e->start = r.at;
	e->body = reader_part(&r, length);
	e->next = r.at;
	/* A length of 0 ends .eh_frame. */
	return !r.failed && length > 0;
}

static void read_augmentation(struct walk *w, struct reader *r, const char *letters, size_t count,
			      struct cfi_cie *cie)
{
	uint8_t encoding;

	if (count == 0)
		return;
	if (letters[0] != 'z') {
		r->failed = true;
		return;
	}
	cie->augmented = true;
	struct reader data = reader_part(r, reader_uleb128(r));

	for (size_t i = 1; i < count && !data.failed; i++) {
		switch (letters[i]) {
		case 'R':
			cie->fde_encoding = (uint8_t)reader_number(&data, 1);
			break;
		case 'P':
			encoding = (uint8_t)reader_number(&data, 1);
			encoded_pointer(w, &data, encoding & 0x0f, 0);
			break;
		case 'L':
			reader_number(&data, 1);
			break;
		case 'S':
			cie->signal = true;
			break;
		default:
			/* 'B' (pointer authentication) and what is unknown carry no data of ours.
			 */
			break;
		}
	}
}

static bool parse_cie(struct walk *w, size_t at, struct cfi_cie *cie)
{
	struct cfi_run run = {.machine = w->machine, .cie = cie};
	struct entry e;
	uint8_t version;
	const char *letters;
	size_t count = 0;

	*cie = (struct cfi_cie){.fde_encoding = PE_ABSPTR};
	cie->initial.cfa.kind = CFA_UNSUPPORTED;
	/* Entries that take turns in naming two of them make each be read again. */
	if (!read_entry(w->section, at, &e) || e.body.size > CIE_MAX)
		return false;
	struct reader *r = &e.body;

	if (reader_number(r, e.wide && w->section->debug ? 8 : 4) !=
	    (w->section->debug ? (e.wide ? ~0ULL : 0xffffffff) : 0))
		return false;
	version = (uint8_t)reader_number(r, 1);
	letters = (const char *)r->data + r->at;
	while (reader_number(r, 1) && !r->failed)
		count++;
	if (version == 4)
		reader_skip(r, 2); /* sizes of addresses and segment selectors */
	cie->code_align = reader_uleb128(r);
	cie->data_align = reader_sleb128(r);
	if (version == 1)
		reader_number(r, 1);
	else
		reader_uleb128(r); /* the return address register is the machine's */
	if (r->failed || (version != 1 && version != 3 && version != 4))
		return false;
	read_augmentation(w, r, letters, count, cie);
	return !r->failed && cfi_execute(&run, reader_part(r, reader_left(r)), &cie->initial);
}

static bool emit_row(void *context, uint64_t pc, uint32_t rule)
{
	struct walk *w = context;
	uint64_t offset = pc - w->section->low;

	if (w->cie.signal)
		rule = unwind_rule(UNWIND_SIGNAL, 0, 0, 0);
	if (unwind_rule_kind(rule) == UNWIND_UNSUPPORTED)
		w->counts->unsupported_rows++;
	if (offset > UINT32_MAX)
		return false;
	w->out_of_memory = !rows_add(w->rows, (uint32_t)offset, rule);
	return !w->out_of_memory;
}

static bool find_cie(struct walk *w, size_t at)
{
	if (w->cie_at != at) {
		w->cie_at = at;
		w->cie_good = parse_cie(w, at, &w->cie);
	}
	return w->cie_good;
}

static bool parse_fde(struct walk *w, struct entry *e, uint64_t pointer)
{
	struct reader *r = &e->body;
	size_t width = e->wide && w->section->debug ? 8 : 4;
	struct cfi_run run = {.machine = w->machine, .emit = emit_row, .context = w};
	struct cfi_rules rules;
	uint64_t size;

	if (!w->section->debug && pointer > e->start)
		return false;
	if (!find_cie(w, w->section->debug ? pointer : e->start - pointer))
		return false;
	run.cie = &w->cie;
	run.pc = encoded_pointer(w, r, w->cie.fde_encoding, e->start + width);
	size = encoded_pointer(w, r, w->cie.fde_encoding & 0x0f, 0);
	if (w->cie.augmented)
		reader_skip(r, reader_uleb128(r));
	/* Functions that the linker dropped stay with address 0. */
	if (r->failed || run.pc < w->section->low || run.pc == 0)
		return false;
	if (__builtin_add_overflow(run.pc, size, &run.end))
		return false;
	rules = w->cie.initial;
	if (!cfi_execute(&run, reader_part(r, reader_left(r)), &rules)) {
		/* The rules of the rest of the function are not known. */
		if (!w->out_of_memory)
			emit_row(w, run.pc, UNWIND_NONE);
		return false;
	}
	/* Past the end nothing is known, unless the next function begins there. */
	run.cie = NULL;
	w->out_of_memory = !rows_add(w->rows, (uint32_t)(run.end - w->section->low), UNWIND_NONE);
	return true;
}

bool eh_frame_rows(const struct frame_section *section, const struct cfi_machine *machine,
		   struct rows *rows, struct frame_counts *counts)
{
	struct walk w = {.section = section,
			 .machine = machine,
			 .rows = rows,
			 .counts = counts,
			 .cie_at = SIZE_MAX};
	struct entry e;
	uint64_t id;
	bool cie;

	for (size_t at = 0; read_entry(section, at, &e) && !w.out_of_memory; at = e.next) {
		id = reader_number(&e.body, e.wide && section->debug ? 8 : 4);
		cie = id == (section->debug ? (e.wide ? ~0ULL : 0xffffffff) : 0);
		if (cie)
			continue;
		counts->functions++;
		if (!parse_fde(&w, &e, id))
			counts->damaged++;
	}
	return !w.out_of_memory;
}
