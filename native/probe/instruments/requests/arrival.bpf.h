/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* When the last packet came to a descriptor of the current process, if that is a TCP connection. */
#ifndef ACUPOINT_ARRIVAL_BPF_H
#define ACUPOINT_ARRIVAL_BPF_H

#include "instruments/requests/arrival.h"

const volatile struct arrival_offsets arrival = {0};

#define PROTOCOL_TCP 6
#define READ_KERNEL(out, address)                                                                  \
	bpf_probe_read_kernel((out), sizeof(*(out)), (const void *)(unsigned long)(address))

/* CLOCK_MONOTONIC in nanoseconds, to the microsecond; 0: it cannot be told. */
static __always_inline __u64 arrival_of(__u32 descriptor)
{
	__u64 at, table, file, socket, sock, back, us;
	__u16 protocol;
	__u32 most;

	if (!arrival.known || READ_KERNEL(&at, bpf_get_current_task() + arrival.task_files) ||
	    READ_KERNEL(&table, at + arrival.files_table) ||
	    READ_KERNEL(&most, table + arrival.table_most) || descriptor >= most ||
	    READ_KERNEL(&at, table + arrival.table_files) ||
	    READ_KERNEL(&file, at + 8ULL * descriptor) || !file ||
	    READ_KERNEL(&socket, file + arrival.file_private) || !socket ||
	    READ_KERNEL(&back, socket + arrival.socket_file) || back != file ||
	    READ_KERNEL(&sock, socket + arrival.socket_sock) || !sock ||
	    READ_KERNEL(&protocol, sock + arrival.sock_protocol) || protocol != PROTOCOL_TCP ||
	    READ_KERNEL(&us, sock + arrival.tcp_time))
		return 0;
	return us * 1000;
}

#endif
