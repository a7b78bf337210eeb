/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The process and the thread that a BPF program interrupted. */
#ifndef ACUPOINT_CURRENT_BPF_H
#define ACUPOINT_CURRENT_BPF_H

/* Of the probe's pid namespace, so that pids mean what it means by them; 0: the initial one. */
const volatile __u64 namespace_device = 0;
const volatile __u64 namespace_inode = 0;

static __always_inline void current_ids(__u32 *pid, __u32 *tid)
{
	struct bpf_pidns_info info;
	__u64 id;

	if (namespace_inode &&
	    !bpf_get_ns_current_pid_tgid(namespace_device, namespace_inode, &info, sizeof(info))) {
		*pid = info.tgid;
		*tid = info.pid;
		return;
	}
	id = bpf_get_current_pid_tgid();
	*pid = id >> 32;
	*tid = (__u32)id;
}

#endif
