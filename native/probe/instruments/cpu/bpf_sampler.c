/* SPDX-License-Identifier: MIT */
/* The sampler that walks in the kernel: one BPF program behind a CPU-clock event for each thread.
 */
#include "instruments/cpu/sampler.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/failure.h"
#include "host/pid_namespace.h"
#include "host/refusal.h"
#include "instruments/bpf_errors.h"
#include "instruments/cpu/threads.h"
#include "instruments/granted.h"
#include "instruments/pid_offsets.h"
#include "unwind/missing.h"
#include "unwind/unwind.h"

#define NS_PER_S 1000000000ULL

struct sampler {
	struct walker_maps maps;
	bool loaded;
	struct ring_buffer *ring;
	struct threads threads;
	struct unwind *unwind;
	struct missing missing; /* tables that samples lacked */
	struct walk_share share;
	struct sampler_counts *cpus; /* one for each possible CPU */
	int cpu_count;
	uint64_t malformed; /* samples that user space refused */
	sampler_take take;
	void *context;
};

static bool bpf_available(void)
{
	int fd;

	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return false;
	/* Both need what the program will need: 5.8, CAP_BPF and CAP_PERFMON. */
	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, NULL, 0, 0, sysconf(_SC_PAGESIZE), NULL);
	if (fd < 0)
		return false;
	close(fd);
	return event_allowed(false);
}

static int receive(void *context, void *data, size_t size)
{
	struct sampler *s = context;
	const struct sample *head = data;
	struct taken_sample taken;

	if (!taken_sample_of(data, size, &taken)) {
		s->malformed++;
		return 0;
	}
	if (head->native && unwind_lacks_tables(head->native_state))
		missing_note(&s->missing, head->pid, taken.native[head->native - 1]);
	s->take(s->context, &taken);
	return 0;
}

static void bpf_close(struct sampler *s)
{
	if (!s)
		return;
	threads_free(&s->threads);
	ring_buffer__free(s->ring);
	unwind_free(s->unwind);
	if (s->loaded)
		granted_unload(WALKER_SAMPLES, &s->maps);
	free(s->cpus);
	free(s);
}

static struct sampler *bpf_open(uint32_t rate_hz, struct failure *error)
{
	const struct walker_maps *maps;
	struct sampler *s;

	s = calloc(1, sizeof(*s));
	if (!s)
		goto no_memory;
	s->cpu_count = libbpf_num_possible_cpus();
	s->cpus = s->cpu_count > 0 ? calloc(s->cpu_count, sizeof(*s->cpus)) : NULL;
	if (!s->cpus)
		goto no_memory;
	if (granted_load(WALKER_SAMPLES, TRAP_EVENT, &s->maps, error))
		goto fail;
	s->loaded = true;
	maps = &s->maps;
	s->ring = ring_buffer__new(maps->samples, receive, s, NULL);
	s->unwind = unwind_new(&(struct unwind_maps){.spaces = maps->unwind_spaces,
						     .chunks = maps->unwind_chunks,
						     .cache = maps->unwind_cache,
						     .make_chunk = granted_chunk});
	if (!s->ring)
		goto no_ring;
	if (!s->unwind)
		goto no_memory;
	s->share = (struct walk_share){&s->missing};
	s->threads.period_ns = NS_PER_S / rate_hz;
	return s;
no_ring:
	error->kind = FAILURE_NO_SAMPLER;
	snprintf(error->text, sizeof(error->text),
		 "The kernel does not let the probe map the ring buffer that samples come through: "
		 "%s. See whether a security module of this host forbids it.",
		 strerror(errno));
	goto fail;
no_memory:
	failure_no_memory(error);
fail:
	bpf_close(s);
	return NULL;
}

/* Without a space the process is sampled all the same, without native frames. */
static int put_process(struct sampler *s, pid_t pid, struct sampled_process process, int slot,
		       uint64_t flags)
{
	uint32_t key = pid;

	process.space = slot < 0 ? 0 : (uint32_t)slot + 1;
	return bpf_map_update_elem(s->maps.processes, &key, &process, flags);
}

/* False with `error` where the program would not know the process by the number that it has here.
 */
static bool can_be_told(pid_t pid, struct failure *error)
{
	if (!standing_own()->contained || !pid_namespace_below(pid) || pid_offsets_find().known)
		return true;
	error->kind = FAILURE_NO_SAMPLER;
	snprintf(error->text, sizeof(error->text),
		 "Process %d is in a pid namespace below the probe's (a container in a container), "
		 "and BPF cannot tell its number here on this kernel. Run the probe on the host or "
		 "inside the inner container, or sample without BPF (--sampler perf).",
		 (int)pid);
	return false;
}

static int bpf_add(struct sampler *s, pid_t pid, const struct sampled_process *process,
		   struct failure *error)
{
	uint32_t key = pid;
	int slot, result;

	if (!can_be_told(pid, error))
		return -1;
	slot = unwind_space_of(s->unwind, pid, 0);
	result = put_process(s, pid, *process, slot, BPF_NOEXIST);
	if (!result)
		result = threads_follow(&s->threads, pid);
	if (result) {
		threads_forget(&s->threads, pid);
		bpf_map_delete_elem(s->maps.processes, &key);
		unwind_forget(s->unwind, pid);
		bpf_add_error(error, pid, -result);
		return -1;
	}
	return 0;
}

static void bpf_remove(struct sampler *s, pid_t pid)
{
	uint32_t key = pid;

	threads_forget(&s->threads, pid);
	bpf_map_delete_elem(s->maps.processes, &key);
	unwind_forget(s->unwind, pid);
}

static int bpf_describe(struct sampler *s, pid_t pid, const struct sampled_process *process)
{
	return put_process(s, pid, *process, unwind_space_of(s->unwind, pid, 0), BPF_EXIST);
}

/* Loads what the last samples lacked. */
static void load_missing(struct sampler *s)
{
	struct sampled_process process;
	uint32_t key;
	int slot;

	for (size_t i = 0; i < s->missing.count; i++) {
		key = s->missing.items[i].pid;
		slot = unwind_space_again(s->unwind, key, s->missing.items[i].address);
		if (slot >= 0 && !bpf_map_lookup_elem(s->maps.processes, &key, &process))
			put_process(s, key, process, slot, BPF_EXIST);
	}
	s->missing.count = 0;
}

static void bpf_follow(struct sampler *s, pid_t pid)
{
	threads_follow(&s->threads, pid);
	threads_jitter(&s->threads, pid);
}

static int bpf_poll(struct sampler *s, sampler_take take, void *context)
{
	int taken;

	s->take = take;
	s->context = context;
	taken = ring_buffer__consume(s->ring);
	load_missing(s);
	return taken;
}

static int bpf_set_rate(struct sampler *s, uint32_t rate_hz)
{
	return threads_set_period(&s->threads, NS_PER_S / rate_hz);
}

static void bpf_count(struct sampler *s, struct sampler_counts *out)
{
	uint32_t zero = 0;
	int i;

	memset(out, 0, sizeof(*out));
	if (bpf_map_lookup_elem(s->maps.counts, &zero, s->cpus))
		return;
	for (i = 0; i < s->cpu_count; i++) {
		out->run_ns += s->cpus[i].run_ns;
		out->lost += s->cpus[i].lost;
	}
	out->lost += s->malformed;
}

static const struct walk_share *bpf_share(struct sampler *s)
{
	return &s->share;
}

static bool bpf_sees_all(const struct sampler *s)
{
	(void)s;
	return true;
}

static const char *bpf_caveat(void)
{
	return "";
}

const struct sampler_ops bpf_sampler_ops = {
	.kind = SAMPLER_BPF,
	.caveat = bpf_caveat,
	.most_hz = 4999,
	.available = bpf_available,
	.open = bpf_open,
	.close = bpf_close,
	.add = bpf_add,
	.remove = bpf_remove,
	.describe = bpf_describe,
	.follow = bpf_follow,
	.poll = bpf_poll,
	.set_rate = bpf_set_rate,
	.count = bpf_count,
	.sees_all = bpf_sees_all,
	.share = bpf_share,
};
