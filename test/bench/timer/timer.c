/* SPDX-License-Identifier: MIT */
/*
 * timer PID HZ [READS]: the probe's own timer on each thread of a process, with a BPF program that
 * returns at once: what any sampler costs at least. With READS it reads 8 bytes of the thread's
 * stack so many times before, and the kernel times all BPF programs while this runs. Says "ready"
 * once it is attached; ends with stdin.
 */
#include <bpf/bpf.h>
#include <dirent.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define STACK_POINTER (19 * 8)
#else
#define STACK_POINTER (31 * 8)
#endif
#define READS_MAX 64
#define READ_INSNS 5

/* r1: room on the own stack, r3: the thread's stack pointer; calls lose both. */
static const struct bpf_insn read_once[READ_INSNS] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_1, .src_reg = BPF_REG_10},
	{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_1, .imm = -8},
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 8},
	{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_3, .src_reg = BPF_REG_6},
	{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_read_user},
};

static int load(int reads)
{
	static const struct bpf_insn first = {.code = BPF_LDX | BPF_MEM | BPF_DW,
					      .dst_reg = BPF_REG_6,
					      .src_reg = BPF_REG_1,
					      .off = STACK_POINTER};
	static const struct bpf_insn last[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct bpf_insn code[READS_MAX * READ_INSNS + 3];
	size_t count = 0;

	if (reads > READS_MAX)
		return -1;
	if (reads)
		code[count++] = first;
	for (int i = 0; i < reads * READ_INSNS; i++)
		code[count++] = read_once[i % READ_INSNS];
	code[count++] = last[0];
	code[count++] = last[1];
	return bpf_prog_load(BPF_PROG_TYPE_PERF_EVENT, "timer_only", "GPL", code, count, NULL);
}

static int attach(int program, int tid, unsigned long long hz)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 1000000000 / hz,
		.disabled = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 || ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) ||
	       ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
}

int main(int argc, char **argv)
{
	const struct dirent *entry;
	int program = load(argc > 3 ? atoi(argv[3]) : 0), byte;
	char path[64];
	DIR *tasks;

	if (argc < 3 || program < 0 || (argc > 3 && bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)) {
		perror("timer");
		return 1;
	}
	snprintf(path, sizeof(path), "/proc/%d/task", atoi(argv[1]));
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (atoi(entry->d_name) &&
		    attach(program, atoi(entry->d_name), strtoull(argv[2], NULL, 10))) {
			perror("timer");
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	do {
		byte = getchar();
	} while (byte != EOF);
	return 0;
}
