/* SPDX-License-Identifier: MIT */
#include "instruments/walker_object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>

#include "instruments/bpf_errors.h"
#include "host/pid_namespace.h"
#include "instruments/pid_offsets.h"
#include "instruments/task_regs.h"
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
	if (pids.inode)
		bpf->rodata->pid_offsets = pid_offsets_find();
	bpf->rodata->has_task_pt_regs = regs.has_helper;
	bpf->rodata->task_stack_offset = regs.stack_offset;
	bpf->rodata->stack_regs_offset = regs.regs_offset;
	bpf->rodata->address_mask = user_address_mask();
	return 0;
}

static struct bpf_program *program_of(struct walker *bpf, enum walker_kind which)
{
	switch (which) {
	case WALKER_WATCHES:
		return bpf->progs.watch_allocation;
	case WALKER_SWITCHES:
		return bpf->progs.watch_switches;
	case WALKER_ERRORS:
		return bpf->progs.watch_error;
	case WALKER_LOOP:
		return bpf->progs.watch_loop;
	default:
		return bpf->progs.sample_thread;
	}
}

/* Does its program stand behind uprobes? */
static bool is_trapped(enum walker_kind which)
{
	return which == WALKER_WATCHES || which == WALKER_ERRORS;
}

/* The map that tells the program what to do; NULL: it has none. */
static struct bpf_map *control_of(struct walker *bpf, enum walker_kind which)
{
	switch (which) {
	case WALKER_WATCHES:
		return bpf->maps.watches;
	case WALKER_SWITCHES:
		return bpf->maps.switch_control;
	case WALKER_ERRORS:
		return bpf->maps.error_sums;
	case WALKER_LOOP:
		return bpf->maps.loops;
	default:
		return NULL;
	}
}

/* Leaves out the other programs, and the maps that are theirs alone. */
static int choose(struct walker *bpf, enum walker_kind which)
{
	bool loop = which == WALKER_LOOP, switches = loop || which == WALKER_SWITCHES;
	int result = 0;

	for (int k = 0; k < WALKERS && !result; k++) {
		struct bpf_map *control = control_of(bpf, (enum walker_kind)k);

		result = bpf_program__set_autoload(program_of(bpf, (enum walker_kind)k),
						   k == (int)which);
		if (!result && control)
			result = bpf_map__set_autocreate(control, k == (int)which);
	}
	if (!result)
		result = bpf_map__set_autocreate(bpf->maps.threads_away, switches);
	if (!result)
		result = bpf_map__set_autocreate(bpf->maps.places_known, switches);
	if (!result)
		result = bpf_map__set_autocreate(bpf->maps.error_places, which == WALKER_ERRORS);
	if (!result)
		result = bpf_map__set_autocreate(bpf->maps.loop_places, loop);
	if (!result)
		result = bpf_program__set_autoload(bpf->progs.sample_loop, loop);
	if (!result)
		result = bpf_program__set_autoload(bpf->progs.turn_loop, loop);
	return result;
}

static int share(struct walker *bpf, const struct walker_maps *shared)
{
	int result = bpf_map__reuse_fd(bpf->maps.processes, shared->processes);

	if (!result)
		result = bpf_map__reuse_fd(bpf->maps.unwind_spaces, shared->unwind_spaces);
	if (!result)
		result = bpf_map__reuse_fd(bpf->maps.unwind_chunks, shared->unwind_chunks);
	if (!result)
		result = bpf_map__reuse_fd(bpf->maps.unwind_cache, shared->unwind_cache);
	return result;
}

static int prepare(struct walker *bpf, enum walker_kind which, const struct walker_maps *shared,
		   enum trap_kind trap)
{
	uint64_t offset = 0;
	int result = choose(bpf, which);

	if (!result && shared)
		result = share(bpf, shared);
	if (!result && is_trapped(which) && trap == TRAP_LINK)
		result = bpf_program__set_expected_attach_type(
			program_of(bpf, which), (enum bpf_attach_type)TRAP_LINK_TYPE);
	if (!result && which == WALKER_LOOP && trap == TRAP_LINK)
		result = bpf_program__set_expected_attach_type(
			bpf->progs.turn_loop, (enum bpf_attach_type)TRAP_LINK_TYPE);
	if (!result && (which == WALKER_SWITCHES || which == WALKER_LOOP)) {
		result = task_state_find(&offset);
		bpf->rodata->task_state_offset = offset;
	}
	return result;
}

static void keep_descriptors(struct walker_object *o, enum walker_kind which)
{
	struct walker *bpf = o->bpf;
	struct bpf_map *control = control_of(bpf, which);

	o->program = bpf_program__fd(program_of(bpf, which));
	o->clock = o->trap = -1;
	if (which == WALKER_LOOP) {
		o->clock = bpf_program__fd(bpf->progs.sample_loop);
		o->trap = bpf_program__fd(bpf->progs.turn_loop);
	}
	o->maps = (struct walker_maps){
		.processes = bpf_map__fd(bpf->maps.processes),
		.unwind_spaces = bpf_map__fd(bpf->maps.unwind_spaces),
		.unwind_chunks = bpf_map__fd(bpf->maps.unwind_chunks),
		.unwind_cache = bpf_map__fd(bpf->maps.unwind_cache),
		.samples = bpf_map__fd(bpf->maps.samples),
		.counts = bpf_map__fd(bpf->maps.counts),
		.control = control ? bpf_map__fd(control) : -1,
		.error_places = which == WALKER_ERRORS ? bpf_map__fd(bpf->maps.error_places) : -1,
		.places = which == WALKER_LOOP ? bpf_map__fd(bpf->maps.loop_places) : -1,
	};
}

int walker_object_load(struct walker_object *o, enum walker_kind which,
		       const struct walker_maps *shared, enum trap_kind trap, struct failure *error)
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
		result = prepare(o->bpf, which, shared, trap);
	}
	if (!result)
		result = walker__load(o->bpf);
	if (result) {
		bpf_error(error, &log, -result, step);
		walker_object_free(o);
	} else {
		keep_descriptors(o, which);
	}
	bpf_log_end(&log);
	return result ? -1 : 0;
}

void walker_object_free(struct walker_object *o)
{
	walker__destroy(o->bpf);
	o->bpf = NULL;
}
