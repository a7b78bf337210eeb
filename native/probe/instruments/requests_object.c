/* SPDX-License-Identifier: MIT */
#include "instruments/requests_object.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <string.h>

#include "instruments/arrival_offsets.h"
#include "instruments/bpf_errors.h"
#include "host/pid_namespace.h"
#include "instruments/pid_offsets.h"
#include "instruments/unpack.h"
#include "requests.skel.h"

/* Asked for by the skeleton. NULL where memory is short. */
static const void *requests__elf_bytes(size_t *size)
{
	*size = requests_size;
	return unpack(requests_packed, sizeof(requests_packed), requests_size);
}

static int configure(struct requests *bpf, enum trap_kind trap)
{
	struct pid_namespace pids = pid_namespace_own();
	struct bpf_program *programs[] = {bpf->progs.request_begins, bpf->progs.request_ends,
					  bpf->progs.request_posted, bpf->progs.request_part_ends};
	int result = 0;

	bpf->rodata->namespace_device = pids.device;
	bpf->rodata->namespace_inode = pids.inode;
	if (pids.inode)
		bpf->rodata->pid_offsets = pid_offsets_find();
	bpf->rodata->arrival = arrival_offsets_find();
	if (trap != TRAP_LINK)
		return 0;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs) && !result; i++)
		result = bpf_program__set_expected_attach_type(
			programs[i], (enum bpf_attach_type)TRAP_LINK_TYPE);
	return result;
}

int requests_object_load(struct requests_object *o, enum trap_kind trap, struct failure *error)
{
	const char *step = "open";
	struct bpf_log log;
	int result;

	memset(o, 0, sizeof(*o));
	bpf_log_begin(&log);
	o->bpf = requests__open();
	result = o->bpf ? 0 : -errno;
	unpack_done();
	if (!result) {
		step = "load";
		result = configure(o->bpf, trap);
	}
	if (!result)
		result = requests__load(o->bpf);
	if (result) {
		bpf_error(error, &log, -result, step);
		requests_object_free(o);
	} else {
		o->begins = bpf_program__fd(o->bpf->progs.request_begins);
		o->ends = bpf_program__fd(o->bpf->progs.request_ends);
		o->posted = bpf_program__fd(o->bpf->progs.request_posted);
		o->part_ends = bpf_program__fd(o->bpf->progs.request_part_ends);
		o->maps = (struct requests_maps){
			.places = bpf_map__fd(o->bpf->maps.places),
			.ended = bpf_map__fd(o->bpf->maps.ended),
			.counts = bpf_map__fd(o->bpf->maps.counts),
		};
	}
	bpf_log_end(&log);
	return result ? -1 : 0;
}

void requests_object_free(struct requests_object *o)
{
	requests__destroy(o->bpf);
	o->bpf = NULL;
}
