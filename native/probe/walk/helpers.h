/* SPDX-License-Identifier: MIT */
/*
 * The kernel's functions that the BPF program calls, for user space, where walker.bpf.c is compiled
 * too: its maps are in this process, the thread is the one of user_walker_take().
 */
#ifndef ACUPOINT_HELPERS_H
#define ACUPOINT_HELPERS_H

#include <linux/bpf.h>
#include <stdint.h>

#define SEC(name)
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define __noinline static __attribute__((noinline))
#define __uint(name, value) int(*name)[value]
#define __type(name, type) typeof(type) *name
#define __array(name, type) typeof(type) *name[]
#define barrier_var(variable) asm volatile("" : "+r"(variable))

static void *bpf_map_lookup_elem(const void *map, const void *key);
static long bpf_probe_read_user(void *out, uint32_t size, const void *address);
static long bpf_probe_read_user_str(void *out, uint32_t size, const void *address);
static long bpf_probe_read_kernel(void *out, uint32_t size, const void *address);
static long bpf_get_stack(void *context, void *out, uint32_t size, uint64_t flags);
static long bpf_ringbuf_output(const void *map, void *data, uint64_t size, uint64_t flags);
static uint64_t bpf_ktime_get_ns(void);
static uint64_t bpf_get_current_pid_tgid(void);
static uint64_t bpf_get_current_task(void);
static void *bpf_get_current_task_btf(void);
static uint64_t bpf_task_pt_regs(void *task);
static long bpf_get_ns_current_pid_tgid(uint64_t device, uint64_t inode, struct bpf_pidns_info *out,
					uint32_t size);

#endif
