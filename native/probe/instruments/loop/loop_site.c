/* SPDX-License-Identifier: MIT */
#include "instruments/loop/loop_site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/memory.h"
#include "host/procfs.h"
#include "host/reach.h"
#include "host/usage.h"
#include "instruments/trap_site.h"
#include "native/elf.h"
#include "native/symbols.h"
#include "nginx/variable.h"

/* Called once in each iteration, before it waits; exported since 1.9.11, as all functions are. */
static const char begins[] = "ngx_process_events_and_timers";

static void find_code(struct loop_site *s)
{
	struct elf_source source = {elf_read_fd, &s->code};
	struct elf_image image;
	uint64_t address;

	if (elf_load(&source, &image))
		return;
	address = elf_function(&source, &image, begins);
	if (address)
		s->offset = trap_site_offset(&image, address);
	elf_free(&image);
	if (s->offset)
		s->offset = trap_site(s->code, s->offset, &s->step);
}

/*
 * With timer_resolution nginx reads its clock by a timer, and not in each iteration: then the clock
 * does not tell iterations apart. Of ngx_cycle_t the first member is all configurations, of which
 * the first is ngx_core_conf_t {daemon, master, timer_resolution, ...}.
 */
static bool reads_clock_each_time(pid_t pid, const struct mappings *maps)
{
	enum { RESOLUTION = 0x10 };
	const struct memory memory = {pid};
	uint64_t cycle, all, core, resolution;

	cycle = nginx_variable(pid, maps, "ngx_cycle");
	return cycle && memory_u64(&memory, cycle, &cycle) && memory_u64(&memory, cycle, &all) &&
	       memory_u64(&memory, all, &core) &&
	       memory_u64(&memory, core + RESOLUTION, &resolution) && !resolution;
}

struct loop_site *loop_site_new(pid_t pid)
{
	struct loop_site *s = calloc(1, sizeof(*s));
	struct mappings maps;

	if (!s)
		return NULL;
	s->pid = pid;
	s->event = s->trap = -1;
	s->step = TRAP_EMULATED;
	s->came_ns = clock_monotonic_ns();
	s->code = reach_proc(pid, "exe");
	if (s->code < 0)
		return s;
	find_code(s);
	if (!mappings_read(pid, &maps)) {
		if (reads_clock_each_time(pid, &maps))
			s->clock = nginx_variable(pid, &maps, "ngx_current_msec");
		mappings_free(&maps);
	}
	return s;
}

void loop_site_free(struct loop_site *s)
{
	const int descriptors[] = {s->code, s->event, s->trap};

	for (size_t i = 0; i < sizeof(descriptors) / sizeof(*descriptors); i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	free(s);
}

bool loop_site_queued(const struct loop_site *s, uint64_t *ns)
{
	char text[128];

	return proc_read(s->pid, "schedstat", text, sizeof(text)) > 0 &&
	       sscanf(text, "%*u %" SCNu64, ns) == 1;
}
