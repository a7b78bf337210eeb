/* SPDX-License-Identifier: MIT */
#include "confine/filter.h"

#include "host/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* A call, always or where `(argument & mask) == value`; several of one number are alternatives. */
struct rule {
	uint16_t rights; /* that it comes with; 0: everyone's */
	uint16_t number;
	uint8_t argument;
	uint32_t mask, value; /* mask 0: always */
};

#define ALWAYS(rights, name)                                                                       \
	{                                                                                          \
		rights, SYS_##name, 0, 0, 0                                                        \
	}
#define EQUAL(rights, name, argument, value)                                                       \
	{                                                                                          \
		rights, SYS_##name, argument, UINT32_MAX, value                                    \
	}
#define WITHOUT(rights, name, argument, bits)                                                      \
	{                                                                                          \
		rights, SYS_##name, argument, bits, 0                                              \
	}
#define WITH(rights, name, argument, bits)                                                         \
	{                                                                                          \
		rights, SYS_##name, argument, bits, bits                                           \
	}

/* O_TMPFILE has the bit of O_DIRECTORY, which folders are opened with; its other bit is here. */
#define OPENS_TO_WRITE (O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY))

/* Stands for the pid of who installs the filter. */
#define OWN_PID UINT32_MAX

/* The frequent ones first: they are compared in this order. */
static const struct rule rules[] = {
	ALWAYS(0, pread64),
	ALWAYS(0, read),
	ALWAYS(0, write),
	ALWAYS(0, futex),
	ALWAYS(0, close),
	WITHOUT(0, openat, 2, OPENS_TO_WRITE),
	ALWAYS(0, ppoll),
	ALWAYS(0, clock_gettime),
	ALWAYS(0, clock_getres),
	ALWAYS(0, clock_nanosleep),
	ALWAYS(0, nanosleep),
	ALWAYS(0, fstat),
	ALWAYS(0, newfstatat),
	ALWAYS(0, lseek),
	ALWAYS(0, getdents64),
	ALWAYS(0, sendmsg),
	ALWAYS(0, recvmsg),
	ALWAYS(0, readlinkat),
	ALWAYS(0, epoll_pwait),
	ALWAYS(0, writev),
	ALWAYS(0, readv),
	ALWAYS(0, munmap),
	ALWAYS(0, mremap),
	ALWAYS(0, madvise),
	ALWAYS(0, brk),
	WITHOUT(0, mmap, 2, PROT_EXEC),
	WITHOUT(0, mprotect, 2, PROT_EXEC),
	ALWAYS(0, fcntl),
	ALWAYS(0, dup),
	ALWAYS(0, statx),
	ALWAYS(0, faccessat),
	ALWAYS(0, faccessat2),
	ALWAYS(0, epoll_create1),
	ALWAYS(0, epoll_ctl),
	ALWAYS(0, eventfd2),
	ALWAYS(0, exit),
	ALWAYS(0, exit_group),
	ALWAYS(0, rt_sigaction),
	ALWAYS(0, rt_sigprocmask),
	ALWAYS(0, rt_sigreturn),
	ALWAYS(0, restart_syscall),
	ALWAYS(0, getpid),
	ALWAYS(0, getppid),
	ALWAYS(0, gettid),
	EQUAL(0, tgkill, 0, OWN_PID), /* abort() ends by it */
	ALWAYS(0, sched_yield),
	ALWAYS(0, sched_getaffinity),
	EQUAL(0, sched_setaffinity, 0, 0),
	ALWAYS(0, getrandom),
	ALWAYS(0, set_robust_list),
	ALWAYS(0, rseq),
	ALWAYS(0, pidfd_open),
	ALWAYS(0, uname),
	ALWAYS(0, sysinfo),
	ALWAYS(0, getrusage),
	WITH(0, clone, 0, CLONE_THREAD | CLONE_VM),
	EQUAL(0, prctl, 0, PR_SET_TIMERSLACK),
	EQUAL(0, prctl, 0, PR_SET_NAME),
	EQUAL(0, ioctl, 1, PERF_EVENT_IOC_PERIOD),
	EQUAL(0, ioctl, 1, PERF_EVENT_IOC_ENABLE),
	EQUAL(0, ioctl, 1, FIONREAD),
	EQUAL(0, ioctl, 1, TCGETS),
	EQUAL(0, ioctl, 1, ENDING_IOCTL),
	/* On maps that are open. */
	EQUAL(0, bpf, 0, BPF_MAP_LOOKUP_ELEM),
	EQUAL(0, bpf, 0, BPF_MAP_UPDATE_ELEM),
	EQUAL(0, bpf, 0, BPF_MAP_DELETE_ELEM),
	EQUAL(0, bpf, 0, BPF_OBJ_GET_INFO_BY_FD),
#if defined(__x86_64__)
	ALWAYS(0, poll),
	ALWAYS(0, epoll_wait),
	ALWAYS(0, readlink),
	ALWAYS(0, access),
#endif
	EQUAL(FILTER_PTRACE, ptrace, 0, PTRACE_SEIZE),
	EQUAL(FILTER_PTRACE, ptrace, 0, PTRACE_INTERRUPT),
	EQUAL(FILTER_PTRACE, ptrace, 0, PTRACE_DETACH),
	EQUAL(FILTER_PTRACE, ptrace, 0, PTRACE_GETREGSET),
	ALWAYS(FILTER_PTRACE | FILTER_CHILDREN, wait4),
	ALWAYS(FILTER_HURRY, sched_setscheduler),
	ALWAYS(FILTER_HURRY, sched_setattr),
	ALWAYS(FILTER_HURRY | FILTER_COPY, setpriority),
	ALWAYS(FILTER_READV | FILTER_COPY, process_vm_readv),
	ALWAYS(FILTER_COPY, setitimer),
	ALWAYS(FILTER_CHILDREN, clone),
	ALWAYS(FILTER_CHILDREN, kill),
	ALWAYS(FILTER_CHILDREN, setsid),
	ALWAYS(FILTER_CHILDREN, pipe2),
	ALWAYS(FILTER_CHILDREN, dup3),
	EQUAL(FILTER_CHILDREN, prctl, 0, PR_SET_PDEATHSIG),
#if defined(__x86_64__)
	ALWAYS(FILTER_CHILDREN, dup2),
#endif
	ALWAYS(FILTER_GRANT, perf_event_open),
	EQUAL(FILTER_GRANT, ioctl, 1, PERF_EVENT_IOC_SET_BPF),
	EQUAL(FILTER_GRANT, bpf, 0, BPF_MAP_CREATE),
	EQUAL(FILTER_GRANT, bpf, 0, BPF_PROG_LOAD),
	EQUAL(FILTER_GRANT, bpf, 0, BPF_BTF_LOAD),
	EQUAL(FILTER_GRANT, bpf, 0, BPF_MAP_FREEZE),
	EQUAL(FILTER_GRANT, bpf, 0, BPF_LINK_CREATE),
	EQUAL(FILTER_GRANT, bpf, 0, BPF_RAW_TRACEPOINT_OPEN),
	EQUAL(FILTER_GRANT, bpf, 0, BPF_PROG_BIND_MAP),
	ALWAYS(FILTER_GRANT, prlimit64),
	ALWAYS(FILTER_GRANT, openat2),
	ALWAYS(FILTER_GRANT, getxattr),
	ALWAYS(FILTER_GRANT, setfsuid),
	ALWAYS(FILTER_GRANT, setfsgid),
	ALWAYS(FILTER_GRANT | FILTER_NARROW, setgroups),
	ALWAYS(FILTER_GRANT | FILTER_NARROW, getgroups),
	ALWAYS(FILTER_GRANT | FILTER_NARROW, geteuid),
	ALWAYS(FILTER_GRANT | FILTER_NARROW, getegid),
	ALWAYS(FILTER_GRANT | FILTER_NARROW, capget),
	ALWAYS(FILTER_GRANT | FILTER_NARROW, capset),
	ALWAYS(FILTER_NARROW, setresuid),
	ALWAYS(FILTER_NARROW, setresgid),
	ALWAYS(FILTER_NARROW, prlimit64),
	EQUAL(FILTER_NARROW, prctl, 0, PR_CAPBSET_READ),
	EQUAL(FILTER_NARROW, prctl, 0, PR_CAPBSET_DROP),
	EQUAL(FILTER_NARROW, prctl, 0, PR_CAP_AMBIENT),
	EQUAL(FILTER_NARROW, prctl, 0, PR_SET_KEEPCAPS),
	EQUAL(FILTER_NARROW, prctl, 0, PR_SET_DUMPABLE),
	EQUAL(FILTER_NARROW, prctl, 0, PR_SET_NO_NEW_PRIVS),
	EQUAL(FILTER_NARROW, seccomp, 0, SECCOMP_SET_MODE_FILTER),
};

enum { RULES = sizeof(rules) / sizeof(*rules), STEPS_A_RULE = 6, STEPS_AROUND = 10 };

struct program {
	struct sock_filter steps[RULES * STEPS_A_RULE + STEPS_AROUND];
	uint16_t count;
};

static void step(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	p->steps[p->count++] = (struct sock_filter){code, yes, no, k};
}

static void load(struct program *p, size_t offset)
{
	step(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(struct program *p, uint32_t action)
{
	step(p, BPF_RET | BPF_K, action, 0, 0);
}

/* The lower half of an argument: all that is compared is an int or a bit of a lower half. */
static size_t argument_at(uint8_t i)
{
	return offsetof(struct seccomp_data, args) + i * sizeof(uint64_t);
}

/* The number of the call is in the accumulator before and after. */
static void add_rule(struct program *p, const struct rule *r)
{
	if (!r->mask) {
		step(p, BPF_JMP | BPF_JEQ | BPF_K, r->number, 0, 1);
		answer(p, SECCOMP_RET_ALLOW);
		return;
	}
	step(p, BPF_JMP | BPF_JEQ | BPF_K, r->number, 0, 5);
	load(p, argument_at(r->argument));
	step(p, BPF_ALU | BPF_AND | BPF_K, r->mask, 0, 0);
	step(p, BPF_JMP | BPF_JEQ | BPF_K, r->value == OWN_PID ? (uint32_t)getpid() : r->value, 0,
	     1);
	answer(p, SECCOMP_RET_ALLOW);
	load(p, offsetof(struct seccomp_data, nr));
}

static void build(struct program *p, unsigned int rights)
{
	load(p, offsetof(struct seccomp_data, arch));
	step(p, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	answer(p, SECCOMP_RET_KILL_PROCESS);
	load(p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < RULES; i++) {
		if (!rules[i].rights || (rules[i].rights & rights))
			add_rule(p, &rules[i]);
	}
#ifdef SYS_clone3
	/* Its flags are in memory, which no filter sees: the C library takes clone() then. */
	step(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
	answer(p, SECCOMP_RET_ERRNO | ENOSYS);
#endif
	answer(p, SECCOMP_RET_KILL_PROCESS);
}

bool filter_install(unsigned int rights)
{
	struct program *p = calloc(1, sizeof(*p));
	struct sock_fprog out;
	bool done;

	if (!p)
		return false;
	build(p, rights);
	out = (struct sock_fprog){p->count, p->steps};
	done = !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &out);
	free(p);
	return done;
}
