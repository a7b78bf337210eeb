/* SPDX-License-Identifier: MIT */
#include "chain_sampler.h"

#include <dirent.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "chain_bpf.skel.h"
#include "walk/state.h"

#define THREADS_MAX 64

struct chain_sampler {
	pid_t pid;
	struct chain_bpf *bpf;
	struct unwind *unwind;
	struct ring_buffer *ring;
	struct bpf_link *links[THREADS_MAX];
	size_t link_count;
	uint64_t missing; /* an address whose rules were not there */
	chain_seen seen;
	void *context;
};

static int on_chain(void *context, void *data, size_t size)
{
	struct chain_sampler *s = context;
	const struct chain *c = data;

	if (size < sizeof(*c))
		return 0;
	if ((c->state == UNWIND_WANTED || c->state == UNWIND_UNMAPPED) && c->frames)
		s->missing = c->frame[c->frames - 1];
	s->seen(s->context, c);
	return 0;
}

static bool attach(struct chain_sampler *s, pid_t tid, unsigned int hz)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1,
		.sample_freq = hz,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
	struct bpf_link *link;

	if (fd < 0 || s->link_count == THREADS_MAX)
		return false;
	link = bpf_program__attach_perf_event(s->bpf->progs.sample_chain, fd);
	if (!link) {
		close(fd);
		return false;
	}
	s->links[s->link_count++] = link;
	return true;
}

static bool attach_threads(struct chain_sampler *s, unsigned int hz)
{
	char path[64];
	struct dirent *entry;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", s->pid);
	tasks = opendir(path);
	while (tasks && (entry = readdir(tasks))) {
		if (entry->d_name[0] != '.')
			attach(s, atoi(entry->d_name), hz);
	}
	if (tasks)
		closedir(tasks);
	return s->link_count > 0;
}

static bool load_space(struct chain_sampler *s, uint64_t address)
{
	int slot = unwind_space_of(s->unwind, s->pid, address);

	if (slot < 0)
		return false;
	s->bpf->bss->space = (__u32)slot;
	return true;
}

static int make_chunk(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "unwind_rows", sizeof(__u32),
			      sizeof(struct unwind_row), UNWIND_CHUNK_ROWS, &options);
}

struct chain_sampler *chain_sampler_open(pid_t pid, unsigned int hz, chain_seen seen, void *context)
{
	struct chain_sampler *s = calloc(1, sizeof(*s));
	struct unwind_maps maps;

	if (!s)
		return NULL;
	s->pid = pid;
	s->seen = seen;
	s->context = context;
	s->bpf = chain_bpf__open_and_load();
	if (!s->bpf)
		goto failed;
	maps = (struct unwind_maps){.spaces = bpf_map__fd(s->bpf->maps.unwind_spaces),
				    .chunks = bpf_map__fd(s->bpf->maps.unwind_chunks),
				    .cache = bpf_map__fd(s->bpf->maps.unwind_cache),
				    .make_chunk = make_chunk};
	s->unwind = unwind_new(&maps);
	s->ring = ring_buffer__new(bpf_map__fd(s->bpf->maps.chains), on_chain, s, NULL);
	if (s->unwind && s->ring && load_space(s, 0) && attach_threads(s, hz))
		return s;
failed:
	fprintf(stderr, "cannot sample process %d\n", pid);
	chain_sampler_close(s);
	return NULL;
}

void chain_sampler_poll(struct chain_sampler *s)
{
	s->missing = 0;
	ring_buffer__consume(s->ring);
	if (s->missing)
		load_space(s, s->missing);
}

void chain_sampler_stats(struct chain_sampler *s, struct unwind_stats *out)
{
	unwind_get_stats(s->unwind, out);
}

void chain_sampler_close(struct chain_sampler *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->link_count; i++)
		bpf_link__destroy(s->links[i]);
	ring_buffer__free(s->ring);
	unwind_free(s->unwind);
	chain_bpf__destroy(s->bpf);
	free(s);
}
