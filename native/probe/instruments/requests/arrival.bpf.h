/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* When data last came to a descriptor of the current process, if that is a TCP connection. */
#ifndef ACUPOINT_ARRIVAL_BPF_H
#define ACUPOINT_ARRIVAL_BPF_H

#include "instruments/requests/arrival.h"

const volatile struct arrival_offsets arrival = {0};

#define PROTOCOL_TCP 6
#define READ_KERNEL(out, address)                                                                  \
	bpf_probe_read_kernel((out), sizeof(*(out)), (const void *)(unsigned long)(address))

/* The kernel's ticks since then, up to `now`; -1: that is not known. */
static __always_inline __s32 ticks_since_arrival(__u32 descriptor, __u64 now)
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
	    READ_KERNEL(&received, sock + arrival.received))
		return -1;
	return (__s32)((__u32)now - received);
}

#endif
