/* SPDX-License-Identifier: MIT */
/* Where the running kernel keeps members of its structures. */
#ifndef ACUPOINT_KERNEL_OFFSET_H
#define ACUPOINT_KERNEL_OFFSET_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;

/*
 * Of "member", or of "member.part". 0 or -ENOENT. Only what is no part of a nameless union or
 * structure is found.
 */
int kernel_offset(const struct btf *btf, const char *structure, const char *member,
		  uint64_t *offset);

struct wanted_offset {
	const char *structure, *member;
	__u32 *offset;
};
/* True if all are found. */
bool kernel_offsets(const struct btf *btf, const struct wanted_offset *wanted, size_t count);

#endif
