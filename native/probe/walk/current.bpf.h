/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The process and the thread that a BPF program interrupted. */
#ifndef ACUPOINT_CURRENT_BPF_H
#define ACUPOINT_CURRENT_BPF_H

#include "walk/pid_offsets.h"

/* Of the probe's pid namespace, so that pids mean what it means by them; 0: the initial one. */
const volatile __u64 namespace_device = 0;
const volatile __u64 namespace_inode = 0;
const volatile struct pid_offsets pid_offsets = {0};

/* 0: could not be read. */
static __always_inline __u64 kernel_word(__u64 address, __u32 size)
{
	__u64 value = 0;

	return address && !bpf_probe_read_kernel(&value, size, (void *)address) ? value : 0;
}

/* The number of a thread in the probe's namespace, which is above its own; 0: it has none there. */
__noinline int number_above(__u64 task)
{
	__u64 pid = kernel_word(task + pid_offsets.task_pid, 8), number, inode;
	__u32 level = (__u32)kernel_word(pid + pid_offsets.pid_level, 4);

	for (__u32 i = 0; i < PID_LEVELS && i <= level; i++) {
		number = pid + pid_offsets.pid_numbers + i * pid_offsets.number_size;
		inode = kernel_word(number + pid_offsets.number_namespace, 8);
		inode = kernel_word(inode + pid_offsets.namespace_inode, 4);
		if (inode == (__u32)namespace_inode)
			return (int)kernel_word(number + pid_offsets.number_value, 4);
	}
	return 0;
}

static __always_inline void current_ids(__u32 *pid, __u32 *tid)
{
	struct bpf_pidns_info info;
	__u64 id, task;

	if (namespace_inode) {
		if (!bpf_get_ns_current_pid_tgid(namespace_device, namespace_inode, &info,
						 sizeof(info))) {
			*pid = info.tgid;
			*tid = info.pid;
			return;
		}
		/* The kernel's call knows the thread's own namespace alone. */
		*pid = *tid = 0;
		if (!pid_offsets.known)
			return;
		task = bpf_get_current_task();
		*tid = (__u32)number_above(task);
		*pid = (__u32)number_above(kernel_word(task + pid_offsets.task_leader, 8));
		return;
	}
	id = bpf_get_current_pid_tgid();
	*pid = id >> 32;
	*tid = (__u32)id;
}

#endif
