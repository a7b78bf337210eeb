/* SPDX-License-Identifier: MIT */
#include "instruments/trap.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/procfs.h"
#include "host/usage.h"
#include "instruments/granted.h"
#include "native/symbols.h"

enum { ROUNDS = 9, CALLS = 64 };

/*
 * One begins as the allocators do that LuaJIT is built with: by an instruction that the kernel does
 * not emulate but steps over. The other as most functions of nginx.
 */
void trap_target_stepped(void);
void trap_target_emulated(void);
#if defined(__x86_64__)
asm(".text\n.type trap_target_stepped, @function\ntrap_target_stepped:\n"
    "\ttest %rcx, %rcx\n\tret\n"
    ".type trap_target_emulated, @function\ntrap_target_emulated:\n"
    "\tpush %rbx\n\tpop %rbx\n\tret\n");
#else
asm(".text\n.type trap_target_stepped, %function\ntrap_target_stepped:\n"
    "\ttst x3, x3\n\tret\n"
    ".type trap_target_emulated, %function\ntrap_target_emulated:\n"
    "\tnop\n\tret\n");
#endif

/* The number of the kernel's own source of uprobe events; 0: there is none. */
static uint32_t event_type(void)
{
	char text[16];

	if (file_read("/sys/bus/event_source/devices/uprobe/type", text, sizeof(text)) <= 0)
		return 0;
	return (uint32_t)strtoul(text, NULL, 10);
}

/*
 * Of bpf_attr, for BPF_LINK_CREATE; headers older than 6.6 do not have its end.
 * Source: union bpf_attr, link_create.uprobe_multi, in include/uapi/linux/bpf.h.
 */
struct link_create {
	uint32_t program, target, type, flags;
	uint64_t path, offsets, semaphores, cookies;
	uint32_t count, uprobe_flags, pid, padding;
};

static int open_link(pid_t pid, const char *path, uint64_t offset, int program)
{
	struct link_create create = {
		.program = (uint32_t)program,
		.type = TRAP_LINK_TYPE,
		.path = (uintptr_t)path,
		.offsets = (uintptr_t)&offset,
		.count = 1,
		.pid = (uint32_t)pid,
	};
	int link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &create, sizeof(create));

	return link < 0 ? -errno : link;
}

static int open_event(pid_t pid, const char *path, uint64_t offset, int program)
{
	struct perf_event_attr attr = {.size = sizeof(attr), .sample_period = 1, .disabled = 1};
	int event, error;

	attr.type = event_type();
	if (!attr.type)
		return -EOPNOTSUPP;
	attr.uprobe_path = (uintptr_t)path;
	attr.probe_offset = offset;
	event = (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0)
		return -errno;
	if (!ioctl(event, PERF_EVENT_IOC_SET_BPF, program))
		return event;
	error = -errno;
	close(event);
	return error;
}

int trap_place(enum trap_kind kind, pid_t pid, int fd, uint64_t offset, int program)
{
	char path[32];

	/* The file itself, whatever its path leads to by now. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return kind == TRAP_LINK ? open_link(pid, path, offset, program)
				 : open_event(pid, path, offset, program);
}

static uint64_t round_ns(void (*target)(void))
{
	uint64_t began = clock_thread_cpu_ns();
	int i;

	for (i = 0; i < CALLS; i++)
		target();
	return (clock_thread_cpu_ns() - began) / CALLS;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int trap_measure(enum trap_program program, enum trap_kind kind, enum trap_step step, uint64_t *ns)
{
	void (*target)(void) = step == TRAP_EMULATED ? trap_target_emulated : trap_target_stepped;
	uint64_t address = (uintptr_t)target, rounds[ROUNDS];
	int fd = reach_proc(getpid(), "exe"), event = -EIO, i;
	const struct mapping *m;
	struct mappings maps;

	if (fd < 0)
		return fd;
	if (!mappings_read(getpid(), &maps)) {
		m = mappings_find(&maps, address);
		if (m && m->inode)
			event = granted_trap(program, kind, getpid(), fd,
					     address - m->start + m->offset);
		mappings_free(&maps);
	}
	close(fd);
	if (event < 0)
		return event;
	for (i = 0; i < ROUNDS; i++)
		rounds[i] = round_ns(target);
	close(event);
	qsort(rounds, ROUNDS, sizeof(*rounds), by_size);
	*ns = rounds[ROUNDS / 2];
	return 0;
}
