/* SPDX-License-Identifier: MIT */
#include "instruments/kernel_offset.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

int kernel_offset(const struct btf *btf, const char *structure, const char *member,
		  uint64_t *offset)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
	const struct btf_member *members;

	if (!type)
		return -ENOENT;
	members = btf_members(type);
	for (int i = 0; i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, members[i].name_off);

		if (!name || strcmp(name, member))
			continue;
		*offset = btf_member_bit_offset(type, (uint32_t)i) / 8;
		return 0;
	}
	return -ENOENT;
}
