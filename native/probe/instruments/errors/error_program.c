/* SPDX-License-Identifier: MIT */
#include "instruments/errors/error_program.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instruments/granted.h"

static int receive(void *context, void *data, size_t size)
{
	struct error_program *p = context;
	const struct error_event *event = data;
	struct taken_sample taken;

	if (size >= sizeof(*event) && !event->zero)
		p->take(p->context, event, NULL);
	else if (taken_sample_of(data, size, &taken))
		p->take(p->context, NULL, &taken);
	return 0;
}

static int map_sums(struct error_program *p)
{
	void *at = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, p->maps.control,
			0);

	if (at == MAP_FAILED)
		return -errno;
	p->sums = at;
	return 0;
}

static void explain(struct failure *error, int code, const char *step)
{
	error->kind = code == EPERM || code == EACCES ? FAILURE_PRIVILEGE : FAILURE_NO_SAMPLER;
	error->detail = NULL;
	snprintf(
		error->text, sizeof(error->text),
		"The kernel does not let the probe watch exceptions and logs (%s: %s). That needs "
		"BPF, uprobes (CONFIG_UPROBE_EVENTS), CAP_PERFMON, and a kernel that is not locked "
		"down. The CPU profile goes on without it.",
		step, strerror(code));
}

static int load(struct error_program *p, enum trap_kind kind, struct failure *error)
{
	const char *step = "ring buffer";
	int result;

	p->kind = kind;
	if (granted_load(WALKER_ERRORS, kind, &p->maps, error))
		return -1;
	p->loaded = true;
	p->ring = ring_buffer__new(p->maps.samples, receive, p, NULL);
	result = p->ring ? map_sums(p) : -errno;
	if (!result) {
		step = "uprobe";
		result = trap_measure(TRAP_ERROR, kind, TRAP_EMULATED, &p->trap_ns[TRAP_EMULATED]);
	}
	if (!result)
		return 0;
	explain(error, -result, step);
	error_program_close(p);
	return -1;
}

int error_program_open(struct error_program *p, struct failure *error)
{
	if (!load(p, TRAP_LINK, error))
		return 0;
	free(error->detail);
	return load(p, TRAP_EVENT, error);
}

void error_program_close(struct error_program *p)
{
	ring_buffer__free(p->ring);
	if (p->sums)
		munmap((void *)p->sums, (size_t)sysconf(_SC_PAGESIZE));
	if (p->loaded)
		granted_unload(WALKER_ERRORS, &p->maps);
	p->loaded = false;
	p->ring = NULL;
	p->sums = NULL;
}

int error_program_put(struct error_program *p, pid_t pid, const struct error_place *place)
{
	uint32_t key = (uint32_t)pid;

	return bpf_map_update_elem(p->maps.error_places, &key, place, BPF_ANY);
}

void error_program_drop(struct error_program *p, pid_t pid)
{
	uint32_t key = (uint32_t)pid;

	bpf_map_delete_elem(p->maps.error_places, &key);
}

void error_program_drain(struct error_program *p)
{
	ring_buffer__consume(p->ring);
}

uint64_t error_program_trap_ns(struct error_program *p, enum trap_step step)
{
	if (!p->trap_ns[step] && trap_measure(TRAP_ERROR, p->kind, step, &p->trap_ns[step]))
		p->trap_ns[step] = p->trap_ns[TRAP_EMULATED];
	return p->trap_ns[step];
}

uint64_t error_hits(const struct error_sums *s)
{
	return s->hits[ERROR_THROWN] + s->hits[ERROR_EXIT] + s->hits[ERROR_LOGGED];
}
