/* SPDX-License-Identifier: MIT */
/*
 * Samples programs with known call chains and holds every stack against the answer. Needs what
 * sampling needs: BPF, and root.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chain_sampler.h"
#include "chains.h"
#include "twin.h"
#include "walk/state.h"

#define RATE 999
#define SAMPLES_WANTED 100
#define DEADLINE_S 20
#define STACK_COPY (1 << 20)

struct tally {
	const struct chain_case *wanted;
	size_t samples, good, table_gaps;
	struct chain worst; /* the first that was not as it should be */
};

/* The child is a fork: what is where is the same in both. */
static const char *name_of(uint64_t address)
{
	Dl_info info;

	if (!dladdr((const void *)(uintptr_t)address, &info) || !info.dli_sname)
		return "?";
	return info.dli_sname;
}

static bool as_wanted(const struct chain_case *wanted, const struct chain *c)
{
	size_t next = 0, repeats = 0;
	const char *name;

	for (__u32 i = 0; i < c->frames; i++) {
		name = name_of(c->frame[i]);
		if (!strcmp(name, wanted->callers[0]))
			repeats++;
		if (wanted->callers[next] && !strcmp(name, wanted->callers[next]))
			next++;
	}
	return !wanted->callers[next] && repeats >= wanted->repeats &&
	       c->state == (wanted->too_deep ? UNWIND_FULL : UNWIND_COMPLETE);
}

/* The thread that starts another waits for it; the child has begun when its case runs. */
static bool begun(const struct tally *t, const struct chain *c)
{
	for (__u32 i = 0; i < c->frames; i++) {
		if (!strcmp(name_of(c->frame[i]), t->wanted->callers[0]))
			return true;
	}
	return false;
}

static void on_chain(void *context, const struct chain *c)
{
	struct tally *t = context;

	if (c->state == UNWIND_WANTED) {
		t->table_gaps++;
		return;
	}
	if (t->samples == 0 && !begun(t, c))
		return;
	t->samples++;
	if (as_wanted(t->wanted, c))
		t->good++;
	else if (t->worst.frames == 0)
		t->worst = *c;
}

static void print_worst(const struct chain *c)
{
	printf("    state %u:", c->state);
	for (__u32 i = 0; i < c->frames && i < 20; i++)
		printf(" %s(%llx)", name_of(c->frame[i]), (unsigned long long)c->frame[i]);
	printf("\n");
}

/* The same step in user space, on the registers and a copy of the stack of the stopped child. */
static bool twin_agrees(const struct chain_case *wanted, pid_t pid)
{
	static unsigned char bytes[STACK_COPY];
	struct twin_stack stack = {.bytes = bytes};
	struct user_regs_struct registers;
	struct iovec local = {bytes, sizeof(bytes)}, remote;
	struct chain c = {0};
	uint64_t frames[CHAIN_FRAMES];
	bool agrees = false;

	if (wanted->only_sampled)
		return true;
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL))
		return false;
	waitpid(pid, NULL, 0);
	if (!ptrace(PTRACE_GETREGS, pid, NULL, &registers)) {
		stack.ip = registers.rip;
		stack.fp = registers.rbp;
		stack.at = stack.sp = registers.rsp;
		remote = (struct iovec){(void *)stack.at, sizeof(bytes)};
		stack.size = (size_t)process_vm_readv(pid, &local, 1, &remote, 1, 0);
		c.frames = (__u32)twin_unwind(pid, &stack, frames, CHAIN_FRAMES, &c.state);
		for (__u32 i = 0; i < c.frames; i++)
			c.frame[i] = frames[i];
		agrees = as_wanted(wanted, &c);
	}
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	if (!agrees)
		print_worst(&c);
	return agrees;
}

static bool check(const struct chain_case *wanted)
{
	struct timespec tick = {.tv_nsec = 20000000};
	struct tally t = {.wanted = wanted};
	time_t deadline = time(NULL) + DEADLINE_S;
	struct chain_sampler *s;
	pid_t pid = fork();
	bool good, twin;

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Threads must be there when the sampler looks for them. */
		wanted->run();
		_exit(1);
	}
	nanosleep(&tick, NULL);
	s = chain_sampler_open(pid, RATE, on_chain, &t);
	while (s && t.samples < SAMPLES_WANTED && time(NULL) < deadline) {
		nanosleep(&tick, NULL);
		chain_sampler_poll(s);
	}
	chain_sampler_close(s);
	twin = twin_agrees(wanted, pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	good = t.samples >= SAMPLES_WANTED && t.good == t.samples && twin;
	printf("%s %s: %zu of %zu stacks%s\n", good ? "ok  " : "FAIL", wanted->name, t.good,
	       t.samples, twin ? "" : ", but not in user space");
	if (!good && t.worst.frames)
		print_worst(&t.worst);
	return good;
}

int main(int argc, char **argv)
{
	size_t failed = 0, run = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < chain_case_count; i++) {
		if (argc > 1 && !strstr(chain_cases[i].name, argv[1]))
			continue;
		run++;
		failed += !check(&chain_cases[i]);
	}
	printf("unwind: %zu passed, %zu failed\n", run - failed, failed);
	return failed != 0;
}
