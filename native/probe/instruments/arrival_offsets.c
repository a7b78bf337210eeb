/* SPDX-License-Identifier: MIT */
#include "instruments/arrival_offsets.h"

#include <bpf/btf.h>
#include <string.h>

#include "instruments/kernel_offset.h"

struct arrival_offsets arrival_offsets_find(void)
{
	struct arrival_offsets found = {.known = 1};
	const struct wanted_offset wanted[] = {
		{"task_struct", "files", &found.task_files},
		{"files_struct", "fdt", &found.files_table},
		{"fdtable", "max_fds", &found.table_most},
		{"fdtable", "fd", &found.table_files},
		{"file", "private_data", &found.file_private},
		{"socket", "file", &found.socket_file},
		{"socket", "sk", &found.socket_sock},
		{"sock", "sk_protocol", &found.sock_protocol},
		{"inet_connection_sock", "icsk_ack.lrcvtime", &found.received},
		{"tcp_sock", "delivered_mstamp", &found.acknowledged},
	};
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return (struct arrival_offsets){0};
	found.known = kernel_offsets(btf, wanted, sizeof(wanted) / sizeof(*wanted));
	btf__free(btf);
	return found;
}
