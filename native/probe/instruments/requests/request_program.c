/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_program.h"

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
	struct request_program *p = context;
	const struct request_end *end = data;

	if (size >= sizeof(struct request_whole))
		p->takers.take_whole(p->takers.context, data);
	else if (size >= REQUEST_END_LEAST && (!end->states || size >= sizeof(*end)))
		p->takers.take(p->takers.context, end);
	return 0;
}

static int map_sums(struct request_program *p)
{
	void *at =
		mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, p->maps.counts, 0);

	if (at == MAP_FAILED)
		return -errno;
	p->sums = at;
	return 0;
}

static void explain(struct failure *error, int code, const char *step)
{
	error->kind = code == EPERM || code == EACCES ? FAILURE_PRIVILEGE : FAILURE_NO_SAMPLER;
	error->detail = NULL;
	snprintf(error->text, sizeof(error->text),
		 "The kernel does not let the probe watch requests (%s: %s). That needs BPF, "
		 "uprobes (CONFIG_UPROBE_EVENTS), CAP_PERFMON, and a kernel that is not locked "
		 "down. The CPU profile goes on without it.",
		 step, strerror(code));
}

static int load(struct request_program *p, enum trap_kind kind, struct failure *error)
{
	const char *step = "ring buffer";
	int result;

	p->kind = kind;
	if (granted_load_requests(kind, &p->maps, error))
		return -1;
	p->loaded = true;
	p->ring = ring_buffer__new(p->maps.ended, receive, p, NULL);
	result = p->ring ? map_sums(p) : -errno;
	if (!result) {
		step = "uprobe";
		result = trap_measure(TRAP_REQUEST_ENDS, kind, TRAP_EMULATED,
				      &p->trap_ns[TRAP_EMULATED]);
	}
	if (!result)
		return 0;
	explain(error, -result, step);
	request_program_close(p);
	return -1;
}

int request_program_open(struct request_program *p, const struct request_takers *takers,
			 struct failure *error)
{
	*p = (struct request_program){.takers = *takers};
	if (!load(p, TRAP_LINK, error))
		return 0;
	free(error->detail);
	return load(p, TRAP_EVENT, error);
}

void request_program_close(struct request_program *p)
{
	ring_buffer__free(p->ring);
	if (p->sums)
		munmap((void *)p->sums, (size_t)sysconf(_SC_PAGESIZE));
	if (p->loaded)
		granted_unload_requests(&p->maps);
	p->loaded = false;
	p->ring = NULL;
	p->sums = NULL;
}

int request_program_put(struct request_program *p, pid_t pid, const struct request_place *place)
{
	uint32_t key = (uint32_t)pid;

	return bpf_map_update_elem(p->maps.places, &key, place, BPF_ANY);
}

void request_program_drop(struct request_program *p, pid_t pid)
{
	uint32_t key = (uint32_t)pid;

	bpf_map_delete_elem(p->maps.places, &key);
}

int request_program_drain(struct request_program *p)
{
	return ring_buffer__consume(p->ring);
}

uint64_t request_program_trap_ns(struct request_program *p, enum trap_step step)
{
	if (!p->trap_ns[step] && trap_measure(TRAP_REQUEST_ENDS, p->kind, step, &p->trap_ns[step]))
		p->trap_ns[step] = p->trap_ns[TRAP_EMULATED];
	return p->trap_ns[step];
}
