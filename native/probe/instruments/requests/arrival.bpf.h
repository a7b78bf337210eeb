/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* When data last came to a descriptor of the current process, if that is a TCP connection. */
#ifndef ACUPOINT_ARRIVAL_BPF_H
#define ACUPOINT_ARRIVAL_BPF_H

#include "instruments/arrival.h"

const volatile struct arrival_offsets arrival = {0};

#define PROTOCOL_TCP 6
#define READ_KERNEL(out, address)                                                                  \
	bpf_probe_read_kernel((out), sizeof(*(out)), (const void *)(unsigned long)(address))

struct arrival_times {
	__u64 ticks;	    /* now */
	__s32 waited_ticks; /* since data came; -1: that is not known */
	__u64 acknowledged_us;
};

static __always_inline void read_arrival(struct arrival_times *out, __u32 descriptor)
{
	__u64 at, table, file, socket, sock, back;
	__u32 most, received;
	__u16 protocol;

	if (!arrival.known || READ_KERNEL(&at, bpf_get_current_task() + arrival.task_files) ||
	    READ_KERNEL(&table, at + arrival.files_table) ||
	    READ_KERNEL(&most, table + arrival.table_most) || descriptor >= most ||
	    READ_KERNEL(&at, table + arrival.table_files) ||
	    READ_KERNEL(&file, at + 8ULL * descriptor) || !file ||
	    READ_KERNEL(&socket, file + arrival.file_private) || !socket ||
	    READ_KERNEL(&back, socket + arrival.socket_file) || back != file ||
	    READ_KERNEL(&sock, socket + arrival.socket_sock) || !sock ||
	    READ_KERNEL(&protocol, sock + arrival.sock_protocol) || protocol != PROTOCOL_TCP ||
	    READ_KERNEL(&received, sock + arrival.received) ||
	    READ_KERNEL(&out->acknowledged_us, sock + arrival.acknowledged))
		return;
	out->waited_ticks = (__s32)((__u32)out->ticks - received);
}

#endif
