/* SPDX-License-Identifier: MIT */
#include "instruments/kernel_offset.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

/* The member whose name is the first `length` bytes; NULL: there is none. */
static const struct btf_type *find(const struct btf *btf, const struct btf_type *type,
				   const char *name, size_t length, uint64_t *offset)
{
	const struct btf_member *members = btf_members(type);

	for (int i = 0; i < btf_vlen(type); i++) {
		const char *own = btf__name_by_offset(btf, members[i].name_off);

		if (!own || strncmp(own, name, length) || own[length])
			continue;
		*offset += btf_member_bit_offset(type, (uint32_t)i) / 8;
		return btf__type_by_id(btf, members[i].type);
	}
	return NULL;
}

int kernel_offset(const struct btf *btf, const char *structure, const char *member,
		  uint64_t *offset)
{
	int id = btf__find_by_name_kind(btf, structure, BTF_KIND_STRUCT);
	const struct btf_type *type = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
	size_t length = strcspn(member, ".");

	*offset = 0;
	while (type && btf_is_composite(type)) {
		type = find(btf, type, member, length, offset);
		if (type && !member[length])
			return 0;
		member += length + 1;
		length = strcspn(member, ".");
	}
	return -ENOENT;
}

bool kernel_offsets(const struct btf *btf, const struct wanted_offset *wanted, size_t count)
{
	uint64_t offset;

	for (size_t i = 0; i < count; i++) {
		if (kernel_offset(btf, wanted[i].structure, wanted[i].member, &offset))
			return false;
		*wanted[i].offset = (__u32)offset;
	}
	return true;
}
