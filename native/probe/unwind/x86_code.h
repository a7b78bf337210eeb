/* SPDX-License-Identifier: MIT */
/*
 * Where an x86-64 instruction ends and what its operands are. Source: Intel 64 and IA-32
 * Architectures Software Developer's Manual, volume 2, chapter 2 and appendix A.
 */
#ifndef ACUPOINT_UNWIND_X86_CODE_H
#define ACUPOINT_UNWIND_X86_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum x86_map { X86_ONE_BYTE, X86_0F, X86_0F38, X86_0F3A };

enum { X86_RBX = 3, X86_RSP = 4, X86_RBP = 5, X86_R12 = 12 };

struct x86_instruction {
	uint8_t length; /* bytes, 1 to 15 */
	uint8_t map;	/* enum x86_map */
	uint8_t opcode;
	bool narrow; /* 16-bit operands */
	bool wide;   /* 64-bit operands */
	bool vector; /* encoded by VEX or EVEX */
	bool has_modrm;
	uint8_t mod;
	/* Registers 0 to 15; with an index or without a base rm is 0xff; without a ModR/M byte the
	 * one that is in the opcode. */
	uint8_t reg, rm;
	int32_t displacement;
	int32_t immediate; /* signed, as far as it has 32 bits: of jumps from the next instruction
			      on */
};

/* False for what is no instruction of 64-bit mode, or is not all there. */
bool x86_decode(const uint8_t *code, size_t size, struct x86_instruction *out);

#endif
