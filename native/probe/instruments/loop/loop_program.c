/* SPDX-License-Identifier: MIT */
#include "instruments/loop/loop_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instruments/granted.h"

static size_t loops_size(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (LOOP_PROCESSES * sizeof(struct loop) + page - 1) / page * page;
}

static int receive(void *context, void *data, size_t size)
{
	struct loop_program *p = context;
	struct taken_sample taken;

	if (size < sizeof(struct sample) && size >= sizeof(struct loop_event))
		p->takers.event(p->takers.context, data);
	else if (taken_sample_of(data, size, &taken))
		p->takers.sample(p->takers.context, &taken);
	return 0;
}

static void explain(struct failure *error, int code, const char *step)
{
	error->kind = code == EPERM || code == EACCES ? FAILURE_PRIVILEGE : FAILURE_NO_SAMPLER;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text),
		 "The kernel does not let the probe watch event loops (%s: %s). That needs BPF, "
		 "CAP_PERFMON and a kernel that is not locked down. The CPU profile goes on "
		 "without it.",
		 step, strerror(code));
}

static int attach(struct loop_program *p, const char **step)
{
	void *loops;

	*step = "memory";
	p->cpu_count = libbpf_num_possible_cpus();
	p->cpus = p->cpu_count > 0 ? calloc((size_t)p->cpu_count, sizeof(*p->cpus)) : NULL;
	if (!p->cpus)
		return -ENOMEM;
	*step = "ring buffer";
	p->ring = ring_buffer__new(p->maps.samples, receive, p, NULL);
	if (!p->ring)
		return -errno;
	loops = mmap(NULL, loops_size(), PROT_READ | PROT_WRITE, MAP_SHARED, p->maps.control, 0);
	if (loops == MAP_FAILED)
		return -errno;
	p->loops = loops;
	*step = "sched_switch";
	p->switches = granted_switches(WALKER_LOOP);
	return p->switches < 0 ? p->switches : 0;
}

static int load(struct loop_program *p, enum trap_kind kind, struct failure *error)
{
	const char *step;
	int result;

	p->kind = kind;
	if (granted_load(WALKER_LOOP, kind, &p->maps, error))
		return -1;
	p->loaded = true;
	result = attach(p, &step);
	/* Kernels that know no such link show it here. Without uprobes stalls are still found. */
	if (!result && trap_measure(TRAP_LOOP, kind, TRAP_EMULATED, &p->trap_ns) &&
	    kind == TRAP_LINK) {
		step = "uprobe";
		result = -EOPNOTSUPP;
	}
	if (!result)
		return 0;
	explain(error, -result, step);
	return -1;
}

int loop_program_open(struct loop_program *p, const struct loop_takers *takers,
		      struct failure *error)
{
	*p = (struct loop_program){.takers = *takers, .switches = -1};
	if (!load(p, TRAP_LINK, error))
		return 0;
	free(error->detail);
	error->detail = NULL;
	loop_program_close(p);
	return load(p, TRAP_EVENT, error);
}

void loop_program_close(struct loop_program *p)
{
	if (p->switches >= 0)
		close(p->switches);
	ring_buffer__free(p->ring);
	if (p->loops)
		munmap(p->loops, loops_size());
	if (p->loaded)
		granted_unload(WALKER_LOOP, &p->maps);
	free(p->cpus);
	*p = (struct loop_program){.takers = p->takers, .switches = -1};
}

static int take_place(struct loop_program *p)
{
	for (int i = 0; i < LOOP_PROCESSES; i++) {
		if (p->taken[i])
			continue;
		p->taken[i] = true;
		memset(&p->loops[i], 0, sizeof(p->loops[i]));
		return i;
	}
	return -ENOSPC;
}

int loop_program_add(struct loop_program *p, struct loop_site *s)
{
	uint32_t key = (uint32_t)s->pid;
	int place = take_place(p);

	if (place < 0)
		return place;
	s->place = (uint32_t)place;
	p->loops[place].clock = s->clock;
	s->event = granted_event(EVENT_LOOP, s->pid, LOOP_SAMPLE_EVERY_NS);
	if (s->event < 0 || ioctl(s->event, PERF_EVENT_IOC_ENABLE, 0) ||
	    bpf_map_update_elem(p->maps.places, &key, &s->place, BPF_ANY)) {
		p->taken[place] = false;
		return s->event < 0 ? s->event : -errno;
	}
	return 0;
}

void loop_program_remove(struct loop_program *p, const struct loop_site *s)
{
	uint32_t key = (uint32_t)s->pid;

	bpf_map_delete_elem(p->maps.places, &key);
	p->taken[s->place] = false;
}

int loop_program_drain(struct loop_program *p)
{
	return ring_buffer__consume(p->ring);
}

void loop_program_sums(struct loop_program *p, uint64_t *run_ns, uint64_t *lost)
{
	uint32_t zero = 0;

	*run_ns = *lost = 0;
	if (bpf_map_lookup_elem(p->maps.counts, &zero, p->cpus))
		return;
	for (int k = 0; k < p->cpu_count; k++) {
		*run_ns += p->cpus[k].run_ns;
		*lost += p->cpus[k].lost;
	}
}
