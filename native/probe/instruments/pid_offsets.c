/* SPDX-License-Identifier: MIT */
#include "instruments/pid_offsets.h"

#include <bpf/btf.h>

#include "instruments/kernel_offset.h"

struct pid_offsets pid_offsets_find(void)
{
	struct pid_offsets found = {.known = 1};
	const struct wanted_offset wanted[] = {
		{"task_struct", "group_leader", &found.task_leader},
		{"task_struct", "thread_pid", &found.task_pid},
		{"pid", "level", &found.pid_level},
		{"pid", "numbers", &found.pid_numbers},
		{"upid", "nr", &found.number_value},
		{"upid", "ns", &found.number_namespace},
		{"pid_namespace", "ns.inum", &found.namespace_inode},
	};
	struct btf *btf = btf__load_vmlinux_btf();
	int id;

	if (!btf)
		return (struct pid_offsets){0};
	found.known = kernel_offsets(btf, wanted, sizeof(wanted) / sizeof(*wanted));
	id = btf__find_by_name_kind(btf, "upid", BTF_KIND_STRUCT);
	if (id < 0)
		found.known = 0;
	else
		found.number_size = btf__type_by_id(btf, (uint32_t)id)->size;
	btf__free(btf);
	return found;
}
