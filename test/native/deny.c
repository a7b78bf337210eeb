/* SPDX-License-Identifier: MIT */
/*
 * deny ERROR CALL... -- COMMAND: runs it where these system calls fail with EPERM or ENOSYS, as
 * behind the seccomp profile of a container. For containers.test.ts.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALL(name)                                                                                 \
	{                                                                                          \
#name, SYS_##name                                                                  \
	}

static const struct {
	const char *name;
	unsigned int number;
} calls[] = {CALL(bpf), CALL(perf_event_open), CALL(ptrace), CALL(pidfd_open)};

enum { CALLS = sizeof(calls) / sizeof(*calls), LENGTH = 2 * CALLS + 2 };

int main(int argc, char **argv)
{
	struct sock_filter filter[LENGTH] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {1, filter};
	unsigned int error = argc > 1 && !strcmp(argv[1], "ENOSYS") ? ENOSYS : EPERM;
	int at = 2;

	for (; at < argc && strcmp(argv[at], "--"); at++) {
		for (size_t i = 0; i < CALLS && program.len + 2 < LENGTH; i++) {
			if (strcmp(argv[at], calls[i].name))
				continue;
			filter[program.len++] = (struct sock_filter)BPF_JUMP(
				BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
			filter[program.len++] = (struct sock_filter)BPF_STMT(
				BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
		}
	}
	filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (at + 1 >= argc || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("deny");
		return 2;
	}
	execvp(argv[at + 1], argv + at + 1);
	perror(argv[at + 1]);
	return 2;
}
