/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Where this kernel keeps when data last came over a connection, in its own ticks: a request that
 * waits in its socket while the worker is blocked has begun then. When the other end last
 * acknowledged something it notes in microseconds, and that often comes with the data. Includers
 * define __u32 first.
 */
#ifndef ACUPOINT_ARRIVAL_H
#define ACUPOINT_ARRIVAL_H

struct arrival_offsets {
	__u32 known; /* 0: nothing is, and nothing is read */
	__u32 task_files, files_table, table_most, table_files;
	__u32 file_private, socket_file, socket_sock;
	__u32 sock_protocol, received, acknowledged;
};

#endif
