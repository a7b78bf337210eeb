/* SPDX-License-Identifier: MIT */
#include "instruments/walker_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>

#include "instruments/bpf_errors.h"
#include "instruments/cpu/task_regs.h"
#include "instruments/pid_namespace.h"
#include "instruments/unpack.h"
#include "walker.skel.h"

/* Asked for by the skeleton. NULL where memory is short. */
static const void *walker__elf_bytes(size_t *size)
{
	*size = walker_size;
	return unpack(walker_packed, sizeof(walker_packed), walker_size);
}

static int configure(struct walker *bpf)
{
	struct pid_namespace pids = pid_namespace_own();
	struct task_regs regs;
	int result = task_regs_find(&regs);

	if (result)
		return result;
	bpf->rodata->namespace_device = pids.device;
	bpf->rodata->namespace_inode = pids.inode;
	bpf->rodata->has_task_pt_regs = regs.has_helper;
	bpf->rodata->task_stack_offset = regs.stack_offset;
	bpf->rodata->stack_regs_offset = regs.regs_offset;
	bpf->rodata->address_mask = user_address_mask();
	return 0;
}

static int choose(struct walker *bpf, const struct walker_maps *shared, enum trap_kind trap)
{
	struct bpf_program *left_out =
		shared ? bpf->progs.sample_thread : bpf->progs.watch_allocation;
	int result = bpf_program__set_autoload(left_out, false);

	if (!shared)
		return result ? result : bpf_map__set_autocreate(bpf->maps.watches, false);
	if (!result && trap == TRAP_LINK)
		result = bpf_program__set_expected_attach_type(
			bpf->progs.watch_allocation, (enum bpf_attach_type)TRAP_LINK_TYPE);
	if (!result)
		result = bpf_map__reuse_fd(bpf->maps.processes, shared->processes);
	if (!result)
		result = bpf_map__reuse_fd(bpf->maps.unwind_spaces, shared->unwind_spaces);
	if (!result)
		result = bpf_map__reuse_fd(bpf->maps.unwind_chunks, shared->unwind_chunks);
	if (!result)
		result = bpf_map__reuse_fd(bpf->maps.unwind_cache, shared->unwind_cache);
	return result;
}

static void keep_descriptors(struct walker_object *o, bool samples_threads)
{
	struct walker *bpf = o->bpf;

	o->program = bpf_program__fd(samples_threads ? bpf->progs.sample_thread
						     : bpf->progs.watch_allocation);
	o->maps = (struct walker_maps){
		.processes = bpf_map__fd(bpf->maps.processes),
		.unwind_spaces = bpf_map__fd(bpf->maps.unwind_spaces),
		.unwind_chunks = bpf_map__fd(bpf->maps.unwind_chunks),
		.unwind_cache = bpf_map__fd(bpf->maps.unwind_cache),
		.samples = bpf_map__fd(bpf->maps.samples),
		.counts = bpf_map__fd(bpf->maps.counts),
		.watches = samples_threads ? -1 : bpf_map__fd(bpf->maps.watches),
	};
}

int walker_object_load(struct walker_object *o, const struct walker_maps *shared,
		       enum trap_kind trap, struct failure *error)
{
	const char *step = "open";
	struct bpf_log log;
	int result;

	memset(o, 0, sizeof(*o));
	bpf_log_begin(&log);
	o->bpf = walker__open();
	result = o->bpf ? 0 : -errno;
	unpack_done();
	if (!result) {
		step = "task registers";
		result = configure(o->bpf);
	}
	if (!result) {
		step = "load";
		result = choose(o->bpf, shared, trap);
	}
	if (!result)
		result = walker__load(o->bpf);
	if (result) {
		bpf_error(error, &log, -result, step);
		walker_object_free(o);
	} else {
		keep_descriptors(o, !shared);
	}
	bpf_log_end(&log);
	return result ? -1 : 0;
}

void walker_object_free(struct walker_object *o)
{
	walker__destroy(o->bpf);
	o->bpf = NULL;
}
