/* SPDX-License-Identifier: MIT */
/*
 * timer PID HZ: the probe's own timer on each thread of a process, with a BPF program that returns
 * at once: what any sampler costs at least. Says "ready" once it is attached; ends with stdin.
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

static int load(void)
{
	static const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return bpf_prog_load(BPF_PROG_TYPE_PERF_EVENT, "timer_only", "GPL", code, 2, NULL);
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
	int program = load(), byte;
	char path[64];
	DIR *tasks;

	if (argc != 3 || program < 0) {
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
