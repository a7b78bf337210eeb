/* SPDX-License-Identifier: MIT */
#include "instruments/arrival_offsets.h"

#include <bpf/btf.h>
#include <string.h>

#include "instruments/kernel_offset.h"

struct arrival_offsets arrival_offsets_find(void)
{
	struct arrival_offsets found = {.known = 1};
	const struct {
		const char *structure, *member;
		__u32 *offset;
	} wanted[] = {
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
	uint64_t offset;

	if (!btf)
		return (struct arrival_offsets){0};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted) && found.known; i++) {
		if (kernel_offset(btf, wanted[i].structure, wanted[i].member, &offset))
			found.known = 0;
		else
			*wanted[i].offset = (__u32)offset;
	}
	btf__free(btf);
	return found;
}
