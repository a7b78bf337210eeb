/* SPDX-License-Identifier: MIT */
#include "host/ending.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

/* struct pidfd_info of linux/pidfd.h. */
struct pidfd_facts {
	uint64_t mask, cgroup;
	uint32_t ids[11];
	int32_t status;
};

enum { FACT_PID = 1 << 0, FACT_EXIT = 1 << 3 };

bool ending_of(int pidfd, struct ending *out)
{
	struct pidfd_facts facts = {.mask = FACT_EXIT};

	_Static_assert(sizeof(facts) == 64, "the size is part of the call's number");
	*out = (struct ending){0};
	if (ioctl(pidfd, (int)ENDING_IOCTL, &facts))
		return true;
	if (facts.mask & FACT_EXIT) {
		*out = (struct ending){true, facts.status};
		return true;
	}
	/* Kernels before 6.15 never say how; they do say who, as long as it is there. */
	return !(facts.mask & FACT_PID);
}

bool ending_is_fault(const struct ending *ending)
{
	return ending->known && ending->status != 0;
}

static bool is_crash(int number)
{
	return number == SIGSEGV || number == SIGBUS || number == SIGABRT || number == SIGILL ||
	       number == SIGFPE || number == SIGTRAP || number == SIGSYS;
}

static const char *name_of(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {{SIGHUP, "HUP"},	{SIGINT, "INT"},   {SIGQUIT, "QUIT"}, {SIGILL, "ILL"},
		     {SIGTRAP, "TRAP"}, {SIGABRT, "ABRT"}, {SIGBUS, "BUS"},   {SIGFPE, "FPE"},
		     {SIGKILL, "KILL"}, {SIGUSR1, "USR1"}, {SIGSEGV, "SEGV"}, {SIGUSR2, "USR2"},
		     {SIGPIPE, "PIPE"}, {SIGALRM, "ALRM"}, {SIGTERM, "TERM"}, {SIGXCPU, "XCPU"},
		     {SIGXFSZ, "XFSZ"}, {SIGSYS, "SYS"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].number == number)
			return names[i].name;
	}
	return NULL;
}

void ending_text(const struct ending *ending, pid_t pid, char *out, size_t capacity)
{
	int status = ending->status, number = WTERMSIG(status);
	const char *name = name_of(number);

	if (!ending_is_fault(ending))
		snprintf(out, capacity, "Process %d has exited.", (int)pid);
	else if (WIFEXITED(status))
		snprintf(out, capacity, "Process %d has exited with the error code %d.", (int)pid,
			 WEXITSTATUS(status));
	else
		snprintf(out, capacity, "Process %d %s: signal %d%s%s%s%s.", (int)pid,
			 is_crash(number) ? "crashed" : "was killed", number, name ? " (SIG" : "",
			 name ? name : "", name ? ")" : "",
			 WCOREDUMP(status) ? ", with a core dump" : "");
}
