/* SPDX-License-Identifier: MIT */
#include "instruments/cpu/user_walker.h"

#include <errno.h>
#include <string.h>

#include "host/usage.h"
#include "host/target_pages.h"
#include "instruments/task_regs.h"

static uint64_t address_mask;
#define WALK_ADDRESS_MASK address_mask
/* The kernel's program itself, with these functions in the place of the kernel's. */
#include "walk/take.bpf.h"
#include "instruments/cpu/cpu.bpf.h"

#define PROCESSES_MAX 256

static struct {
	struct unwind_memory *unwind;
	struct user_walker_output output;
	const struct thread_image *image;
	struct scratch scratch;
	struct walk_paths paths;
	struct unwind_scratch native;
	struct sampler_counts counts;
	size_t process_count;
	pid_t pids[PROCESSES_MAX];
	struct sampled_process processes[PROCESSES_MAX];
} here;

static struct sampled_process *process_of(pid_t pid)
{
	for (size_t i = 0; i < here.process_count; i++)
		if (here.pids[i] == pid)
			return &here.processes[i];
	return NULL;
}

static void *bpf_map_lookup_elem(const void *map, const void *key)
{
	uint32_t index = *(const uint32_t *)key;

	if (map == &scratches)
		return &here.scratch;
	if (map == &paths)
		return &here.paths;
	if (map == &unwind_scratches)
		return &here.native;
	if (map == &counts)
		return &here.counts;
	if (map == &processes)
		return process_of((pid_t)index);
	if (map == &unwind_spaces)
		return index < UNWIND_SPACES ? here.unwind->spaces[index] : NULL;
	if (map == &unwind_cache)
		return index < UNWIND_CACHE ? &here.unwind->cache[index] : NULL;
	if (map == &unwind_chunks)
		return index < UNWIND_CHUNKS ? here.unwind->chunks[index] : NULL;
	/* Any other map is a chunk of rows. */
	return index < UNWIND_CHUNK_ROWS ? (struct unwind_row *)(uintptr_t)map + index : NULL;
}

static long bpf_probe_read_user(void *out, uint32_t size, const void *address)
{
	const struct thread_image *image = here.image;
	uint64_t at = (uintptr_t)address - REGS_SP(&image->regs);

	if (at < image->stack_size && size <= image->stack_size - at) {
		memcpy(out, image->stack + at, size);
		return 0;
	}
	return target_pages_read(out, size, (uintptr_t)address);
}

/* As the kernel's: with its end, which stands for the last byte of what is longer. */
static long bpf_probe_read_user_str(void *out, uint32_t size, const void *address)
{
	uint64_t at = (uintptr_t)address;
	char *text = out;
	uint32_t i;

	for (i = 0; i < size; i++) {
		if (bpf_probe_read_user(text + i, 1, (const void *)(uintptr_t)(at + i)))
			return -EFAULT;
		if (!text[i])
			return i + 1;
	}
	text[size - 1] = '\0';
	return size;
}

static long bpf_probe_read_kernel(void *out, uint32_t size, const void *address)
{
	memcpy(out, address, size);
	return 0;
}

static long bpf_get_stack(void *context, void *out, uint32_t size, uint64_t flags)
{
	size_t bytes = here.image->kernel_count * 8;

	(void)context;
	(void)flags;
	if (bytes > size)
		bytes = size;
	if (bytes)
		memcpy(out, here.image->kernel, bytes);
	return (long)bytes;
}

static long bpf_ringbuf_output(const void *map, void *data, uint64_t size, uint64_t flags)
{
	(void)map;
	(void)flags;
	return here.output.put(here.output.context, data, size) ? 0 : -1;
}

static uint64_t bpf_ktime_get_ns(void)
{
	return clock_monotonic_ns();
}

static uint64_t bpf_get_current_pid_tgid(void)
{
	return (uint64_t)here.image->pid << 32 | (uint32_t)here.image->tid;
}

static uint64_t bpf_get_current_task(void)
{
	return 0;
}

static void *bpf_get_current_task_btf(void)
{
	return NULL;
}

static uint64_t bpf_task_pt_regs(void *task)
{
	(void)task;
	return (uintptr_t)&here.image->regs;
}

static long bpf_get_ns_current_pid_tgid(uint64_t device, uint64_t inode, struct bpf_pidns_info *out,
					uint32_t size)
{
	(void)device;
	(void)inode;
	(void)out;
	(void)size;
	return -1;
}

void user_walker_open(struct unwind_memory *unwind, const struct user_walker_output *output)
{
	user_walker_close();
	here.unwind = unwind;
	here.output = *output;
	address_mask = user_address_mask();
}

void user_walker_close(void)
{
	memset(&here, 0, sizeof(here));
}

int user_walker_describe(pid_t pid, const struct sampled_process *process)
{
	struct sampled_process *known = process_of(pid);
	size_t i;

	if (!process) {
		if (known) {
			i = (size_t)(known - here.processes);
			here.process_count--;
			here.pids[i] = here.pids[here.process_count];
			here.processes[i] = here.processes[here.process_count];
		}
		return 0;
	}
	if (!known) {
		if (here.process_count == PROCESSES_MAX)
			return -E2BIG;
		here.pids[here.process_count] = pid;
		known = &here.processes[here.process_count++];
	}
	*known = *process;
	return 0;
}

bool user_walker_described(pid_t pid, struct sampled_process *out)
{
	const struct sampled_process *known = process_of(pid);

	if (known)
		*out = *known;
	return known != NULL;
}

void user_walker_take(const struct thread_image *image)
{
	struct user_regs now = image->regs;

	here.image = image;
	/* The program sees where the thread is by the sign of its instruction pointer. */
	if (image->in_kernel)
		REGS_IP(&now) = ~0ULL;
	target_pages_begin(image->pid);
	sample_thread(&now);
}

void user_walker_count(struct sampler_counts *out)
{
	*out = here.counts;
	/* It is the probe's own CPU time, which is counted already. */
	out->run_ns = 0;
}
