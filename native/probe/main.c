/* SPDX-License-Identifier: MIT */
#include "commands/commands.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"acupoint-probe " PROBE_VERSION ": where a running nginx + Lua worker spends its CPU time\n"
	"\n"
	"  acupoint-probe list [--json]\n"
	"      the nginx servers of this machine and their workers\n"
	"\n"
	"  acupoint-probe heap --pid P [--max-pause-ms N] [--stop-always]\n"
	"      the graph of a worker's Lua objects, on stdout, for the extension to read; the worker\n"
	"      stands while its memory is copied, for N ms at most (200), unless it sleeps anyway\n"
	"\n"
	"  acupoint-probe serve [--no-heartbeat-limit] [--sampler NAME]\n"
	"      the wire of the Acupoint extension on stdin and stdout; ends with stdin, or after\n"
	"      1.7 s without a word (which the option, for trying things by hand, turns off)\n"
	"\n"
	"  acupoint-probe --version | --help\n"
	"\n"
	"Tracing needs root, or CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE. Where there is no BPF, and\n"
	"for one's own processes without any of them, it is done by other means, which cost more.\n"
	"Targets are read, never written or changed; only the ptrace sampler and heap stop them.\n";

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	/* A reader that closes early is an error of write(), not the end by a signal. */
	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(command, "list"))
		return command_list(argc - 2, argv + 2);
	if (!strcmp(command, "heap"))
		return command_heap(argc - 2, argv + 2);
	if (!strcmp(command, "serve"))
		return command_serve(argc - 2, argv + 2);
	if (!strcmp(command, "--version")) {
		printf("acupoint-probe %s\n", PROBE_VERSION);
		return EXIT_OK;
	}
	if (!strcmp(command, "--help")) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	fputs(help, stderr);
	return EXIT_USAGE;
}
