/* SPDX-License-Identifier: MIT */
/*
 * The program that a fuzzer of ELF files and unwind tables starts from, as small as it can be:
 * functions with each kind of frame that the readers know. scripts/test/fuzz-seeds.mjs links it,
 * without a library, in several ways.
 */
typedef unsigned long word;

extern word elsewhere(word);
word table[8];

__attribute__((noinline)) word lua_close(word a)
{
	return a * 3 + table[a & 7];
}

/* A call in the middle, and registers that are saved. */
__attribute__((noinline)) word with_frame(word a, word b)
{
	word room[16];

	for (word i = 0; i < 16; i++)
		room[i] = lua_close(a + i) ^ b;
	return room[a & 15] + lua_close(b);
}

/* Room of a size that is not known before: a frame pointer. */
__attribute__((noinline)) word with_alloca(word a)
{
	word *room = __builtin_alloca((a & 63) * 8 + 16);

	room[a & 1] = with_frame(a, 1);
	return with_frame(room[0], room[1]);
}

/* A table of jumps, and several ways out. */
__attribute__((noinline)) word with_switch(word a)
{
	switch (a) {
	case 0:
		return lua_close(5);
	case 1:
		return with_alloca(a);
	case 2:
		table[0] = with_frame(a, a);
		return 7;
	case 3:
		return lua_close(with_alloca(3));
	case 4:
		table[1]++;
		return 9;
	default:
		return with_frame(a, 2) + 1;
	}
}

/* Frames that compilers do not write, or seldom. */
#if defined(__x86_64__)
#define STACK "rsp"
#define FRAME "rbp"
#else
#define STACK "sp"
#define FRAME "x29"
#endif
#ifdef TABLES
__asm__(".text\n.globl odd\n.type odd, %function\nodd:\n.cfi_startproc\n"
	" nop\n .cfi_remember_state\n .cfi_def_cfa_offset 32\n .cfi_offset " FRAME ", -32\n"
	" nop\n .cfi_restore_state\n .cfi_same_value " FRAME "\n"
	" nop\n .cfi_def_cfa_register " FRAME "\n .cfi_undefined " FRAME "\n"
	" nop\n .cfi_def_cfa " STACK ", 16\n .cfi_restore " FRAME "\n"
	" nop\n .cfi_val_offset " FRAME ", -16\n .cfi_register " FRAME ", 0\n"
	" nop\n .cfi_adjust_cfa_offset 8\n .cfi_rel_offset " FRAME ", 0\n"
#if defined(__x86_64__)
	/* As linkers write it for stubs: the CFA is rsp + 8, and 8 more in the second half of 16.
	 */
	" nop\n .cfi_escape 0x0f,0x0b,0x77,0x08,0x80,0x00,0x3f,0x1a,0x3b,0x2a,0x33,0x24,0x22\n"
	/* As compilers do where they align the stack: the CFA was saved. */
	" nop\n .cfi_escape 0x0f,0x03,0x76,0x78,0x06\n .cfi_escape 0x10,0x06,0x02,0x76,0x00\n"
	" nop\n .cfi_escape 0x16,0x06,0x02,0x76,0x00\n .cfi_escape 0x2e,0x10\n"
#endif
	" nop\n .cfi_escape 0x12,0x07,0x7e\n .cfi_escape 0x13,0x7e\n .cfi_escape 0x11,0x06,0x7e\n"
	" nop\n .cfi_escape 0x15,0x06,0x7e\n .cfi_escape 0x2f,0x06,0x02\n"
	" .fill 300, 1, 0\n .cfi_def_cfa_offset 64\n nop\n"
	"ret\n.cfi_endproc\n.size odd, . - odd\n");
/* The return of a signal's handler. */
__asm__(".globl restorer\n.type restorer, %function\n.cfi_startproc\n.cfi_signal_frame\n nop\n"
	"restorer:\n nop\n nop\n.cfi_endproc\n.size restorer, . - restorer\n");
#endif

void _start(void)
{
	for (;;)
		with_switch(table[7]);
}
