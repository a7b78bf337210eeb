/* SPDX-License-Identifier: MIT */
/*
 * Runs the call frame instructions of .eh_frame and .debug_frame and says, as a rule of 32 bits,
 * how the caller is found at each address. Only what the rules need is followed: the CFA, the frame
 * pointer and the return address.
 */
#ifndef ACUPOINT_UNWIND_CFI_H
#define ACUPOINT_UNWIND_CFI_H

#include "unwind/reader.h"
#include "walk/rule.h"

/* DWARF numbers of the registers that matter. */
struct cfi_machine {
	uint32_t sp, fp, ra;
	bool x86_64;
};

extern const struct cfi_machine cfi_x86_64, cfi_aarch64;

enum cfi_cfa_kind { CFA_REGISTER, CFA_DEREF, CFA_PLT, CFA_UNSUPPORTED };

struct cfi_cfa {
	enum cfi_cfa_kind kind;
	uint64_t reg;
	int64_t offset; /* PLT: the byte of the slot */
	int64_t addend; /* DEREF only */
};

enum cfi_place_kind { PLACE_SAME, PLACE_CFA, PLACE_REGISTER, PLACE_UNDEFINED, PLACE_UNSUPPORTED };

/* Where the caller's value of a register is saved. */
struct cfi_place {
	enum cfi_place_kind kind;
	uint64_t reg;	/* REGISTER: saved at this register + offset */
	int64_t offset; /* CFA: saved at CFA + offset */
};

struct cfi_rules {
	struct cfi_cfa cfa;
	struct cfi_place fp, ra;
};

struct cfi_cie {
	uint64_t code_align;
	int64_t data_align;
	uint8_t fde_encoding;
	bool augmented, signal;
	struct cfi_rules initial;
};

/* Called where a rule begins, in ascending order of addresses. False ends the run. */
typedef bool (*cfi_emit)(void *context, uint64_t pc, uint32_t rule);

struct cfi_run {
	const struct cfi_machine *machine;
	const struct cfi_cie *cie;
	uint64_t pc, end; /* of the function; pc advances */
	cfi_emit emit;	  /* NULL while a CIE's own instructions run */
	void *context;
};

/*
 * Runs `code` from the rules in `rules`, which hold those of the last address afterwards. False
 * where the instructions are damaged or `emit` says so.
 */
bool cfi_execute(struct cfi_run *run, struct reader code, struct cfi_rules *rules);

/* The rules of a frame, packed. UNWIND_UNSUPPORTED where they do not fit. */
uint32_t cfi_pack(const struct cfi_machine *machine, const struct cfi_rules *rules);

/* Understands the few expressions that compilers, linkers and hand-written assembly use. */
struct cfi_cfa cfi_cfa_expression(struct reader expression, const struct cfi_machine *machine);
struct cfi_place cfi_place_expression(struct reader expression);

#endif
