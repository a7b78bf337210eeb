/* SPDX-License-Identifier: MIT */
/* Built with -O2 -fomit-frame-pointer -fcf-protection: what distributions do to nginx. */
#include "chains.h"

#include <alloca.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define KEPT __attribute__((noinline, noclone, used))

volatile uint64_t chain_sink;

/* Work after the call keeps the compiler from jumping into the callee. */
#define CALL(statement)                                                                            \
	do {                                                                                       \
		statement;                                                                         \
		chain_sink++;                                                                      \
	} while (0)

KEPT void chain_spin(uint64_t seed)
{
	for (;;) {
		seed = seed * 6364136223846793005ULL + 1;
		chain_sink += seed >> 60;
	}
}

KEPT void chain_inner(uint64_t x)
{
	CALL(chain_spin(x));
}

KEPT void chain_middle(uint64_t x)
{
	CALL(chain_inner(x * 3));
}

KEPT void chain_plain(void)
{
	CALL(chain_middle(chain_sink));
}

KEPT void chain_alloca_frame(size_t size)
{
	char *room = alloca(size + (chain_sink & 1));

	memset(room, 1, size);
	chain_sink += (uint64_t)(uintptr_t)room;
	CALL(chain_spin((uint64_t)room[size / 2]));
	chain_sink += (uint64_t)room[0];
}

KEPT void chain_alloca(void)
{
	CALL(chain_alloca_frame(3000));
}

KEPT void chain_aligned_frame(size_t size)
{
	_Alignas(128) char local[256];
	char *room = alloca(size);

	memset(local, 2, sizeof(local));
	memset(room, 2, size);
	chain_sink += (uint64_t)(uintptr_t)local + (uint64_t)(uintptr_t)room;
	CALL(chain_spin((uint64_t)local[7]));
	chain_sink += (uint64_t)local[9] + (uint64_t)room[1];
}

KEPT void chain_aligned(void)
{
	CALL(chain_aligned_frame(100));
}

KEPT void chain_large_frame(void)
{
	char local[190000];

	memset(local, 3, sizeof(local));
	chain_sink += (uint64_t)(uintptr_t)local;
	CALL(chain_spin((uint64_t)local[9]));
	chain_sink += (uint64_t)local[11];
}

KEPT void chain_large(void)
{
	CALL(chain_large_frame());
}

KEPT void chain_recurse(unsigned int depth)
{
	if (depth == 0)
		CALL(chain_spin(depth));
	else
		CALL(chain_recurse(depth - 1));
}

KEPT void chain_deep(void)
{
	CALL(chain_recurse(60));
}

KEPT void chain_too_deep(void)
{
	CALL(chain_recurse(300));
}

KEPT void chain_handler(int signal)
{
	CALL(chain_spin((uint64_t)signal));
}

KEPT void chain_interrupted(void)
{
	CALL(raise(SIGUSR1));
}

KEPT void chain_signal(void)
{
	struct sigaction action = {.sa_handler = chain_handler};

	sigaction(SIGUSR1, &action, NULL);
	CALL(chain_interrupted());
}

KEPT void chain_other_stack(void)
{
	stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
	struct sigaction action = {.sa_handler = chain_handler, .sa_flags = SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	CALL(chain_interrupted());
}

KEPT int chain_compare(const void *a, const void *b)
{
	CALL(chain_spin((uint64_t)((const char *)a - (const char *)b)));
	return 0;
}

KEPT void chain_callback(void)
{
	uint64_t items[64] = {0};

	CALL(qsort(items, 64, sizeof(items[0]), chain_compare));
}

/* Through the PLT, where a good part of the samples then is. */
KEPT void chain_plt(void)
{
	for (;;)
		chain_sink += (uint64_t)labs((long)chain_sink);
}

KEPT void *chain_thread_body(void *unused)
{
	(void)unused;
	CALL(chain_middle(1));
	return NULL;
}

KEPT void chain_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, chain_thread_body, NULL);
	CALL(pthread_join(thread, NULL));
}

KEPT void chain_kernel(void)
{
	for (;;)
		chain_sink += (uint64_t)syscall(SYS_getppid);
}

KEPT void chain_vdso(void)
{
	struct timespec now;

	for (;;) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		chain_sink += (uint64_t)now.tv_nsec;
	}
}

/* Its call is its last instruction: the return address belongs to what comes after it. */
KEPT __attribute__((noreturn)) void chain_last_call(void)
{
	chain_spin(4);
	__builtin_unreachable();
}

KEPT void chain_no_return(void)
{
	chain_last_call();
}

#if defined(__x86_64__)
/* As OpenSSL's assembly does: the CFA is in rax, then in memory that rsp leads to. */
void chain_assembly_body(void);
__asm__(".text\n.globl chain_assembly_body\n.type chain_assembly_body, @function\n"
	"chain_assembly_body:\n.cfi_startproc\n"
	"movq %rsp, %rax\n.cfi_def_cfa_register %rax\n"
	"pushq %rbp\n.cfi_offset %rbp, -16\n"
	"subq $192, %rsp\nandq $-64, %rsp\nmovq %rax, 152(%rsp)\n"
	/* DW_CFA_def_cfa_expression: breg7 152, deref, plus_uconst 8 */
	".cfi_escape 0x0f, 0x06, 0x77, 0x98, 0x01, 0x06, 0x23, 0x08\n"
	"movq $7, %rdi\nxorl %ebp, %ebp\ncall chain_spin\n"
	"movq 152(%rsp), %rsi\n.cfi_def_cfa %rsi, 8\n"
	"movq -8(%rsi), %rbp\n.cfi_restore %rbp\n"
	"leaq (%rsi), %rsp\n.cfi_def_cfa_register %rsp\nret\n"
	".cfi_endproc\n.size chain_assembly_body, .-chain_assembly_body\n");

KEPT void chain_assembly(void)
{
	CALL(chain_assembly_body());
}
#endif

#define FROM_MAIN "main", "_start"

const struct chain_case chain_cases[] = {
	{"plain calls", chain_plain, {"chain_inner", "chain_middle", "chain_plain", FROM_MAIN}},
	{"alloca", chain_alloca, {"chain_alloca_frame", "chain_alloca", FROM_MAIN}},
#ifndef CHAINS_BARE /* its stack pointer is not counted but cut off */
	{"aligned frame", chain_aligned, {"chain_aligned_frame", "chain_aligned", FROM_MAIN}},
#endif
	{"large frame", chain_large, {"chain_large_frame", "chain_large", FROM_MAIN}},
	{"recursion", chain_deep, {"chain_recurse", "chain_deep", FROM_MAIN}, .repeats = 61},
	{"recursion too deep",
	 chain_too_deep,
	 {"chain_recurse"},
	 .repeats = 120,
	 .too_deep = true,
	 .only_sampled = true},
	{"signal handler",
	 chain_signal,
	 {"chain_handler", "chain_interrupted", "chain_signal", FROM_MAIN}},
	{"handler on its own stack",
	 chain_other_stack,
	 {"chain_handler", "chain_interrupted", "chain_other_stack", FROM_MAIN},
	 .only_sampled = true},
	{"callback of libc", chain_callback, {"chain_compare", "chain_callback", FROM_MAIN}},
	{"lazy binding", chain_plt, {"chain_plt", FROM_MAIN}},
	{"thread",
	 chain_thread,
	 {"chain_inner", "chain_middle", "chain_thread_body"},
	 .only_sampled = true},
	{"in the kernel", chain_kernel, {"chain_kernel", FROM_MAIN}},
	{"vdso", chain_vdso, {"chain_vdso", FROM_MAIN}, .only_sampled = true},
	{"call that does not return", chain_no_return, {"chain_last_call", FROM_MAIN}},
#if defined(__x86_64__)
	{"assembly", chain_assembly, {"chain_assembly_body", "chain_assembly", FROM_MAIN}},
#endif
};
const size_t chain_case_count = sizeof(chain_cases) / sizeof(chain_cases[0]);
