/* SPDX-License-Identifier: MIT */
#include "host/tempt.h"

#ifdef ACUPOINT_TEMPT
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void execute(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void write_file(void)
{
	open("/tmp/acupoint-tempted", O_WRONLY | O_CREAT, 0600);
}

static void connect_out(void)
{
	socket(AF_INET, SOCK_STREAM, 0);
}

static void trace_parent(void)
{
	ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void write_memory(void)
{
	char byte = 0;
	struct iovec part = {&byte, 1};

	process_vm_writev(getppid(), &part, 1, &part, 1, 0);
}

static void make_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void leave_process(void)
{
	fork();
}

static void end_parent(void)
{
	kill(getppid(), SIGCONT);
}

static const struct {
	const char *word;
	void (*act)(void);
} acts[] = {
	{"tempt_execve", execute},	{"tempt_write", write_file},
	{"tempt_socket", connect_out},	{"tempt_ptrace", trace_parent},
	{"tempt_memory", write_memory}, {"tempt_code", make_code},
	{"tempt_fork", leave_process},	{"tempt_kill", end_parent},
};

void tempt(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++) {
		if (!memmem(text, length, acts[i].word, strlen(acts[i].word)))
			continue;
		acts[i].act();
		fprintf(stderr, "%s went unpunished\n", acts[i].word);
	}
}
#else
/* A file must have something in it. */
typedef int tempt_is_for_tests;
#endif
