/* SPDX-License-Identifier: MIT */
#include "instruments/task_regs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>
#include <unistd.h>

#include "instruments/kernel_offset.h"
#include "walk/arch.h"

/* Bytes; with large pages it is one of them. */
#define KERNEL_STACK 16384L

/* struct pt_regs may go on after what user space sees of it. */
static int find_regs(const struct btf *btf, uint64_t *offset)
{
	long page = sysconf(_SC_PAGESIZE), size = page > KERNEL_STACK ? page : KERNEL_STACK;
	int id = btf__find_by_name_kind(btf, "pt_regs", BTF_KIND_STRUCT);
	const struct btf_type *regs = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);

	if (!regs || regs->size < sizeof(struct user_regs) || regs->size > size)
		return -ENOENT;
	*offset = (uint64_t)size - regs->size;
	return 0;
}

uint64_t user_address_mask(void)
{
	/* A stack is near the end of its address space. */
	return ~0ULL >> __builtin_clzll((uintptr_t)__builtin_frame_address(0));
}

int task_regs_find(struct task_regs *out)
{
	struct btf *btf;
	int result;

	memset(out, 0, sizeof(*out));
	out->has_helper =
		libbpf_probe_bpf_helper(BPF_PROG_TYPE_PERF_EVENT, BPF_FUNC_task_pt_regs, NULL) == 1;
	if (out->has_helper)
		return 0;
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return -errno;
	result = kernel_offset(btf, "task_struct", "stack", &out->stack_offset);
	if (!result)
		result = find_regs(btf, &out->regs_offset);
	btf__free(btf);
	return result;
}

int task_state_find(uint64_t *offset)
{
	struct btf *btf = btf__load_vmlinux_btf();
	int result;

	if (!btf)
		return -errno;
	/* Its name before Linux 5.14 was "state". */
	result = kernel_offset(btf, "task_struct", "__state", offset);
	if (result)
		result = kernel_offset(btf, "task_struct", "state", offset);
	btf__free(btf);
	return result;
}
