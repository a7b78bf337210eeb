/* SPDX-License-Identifier: MIT */
#include "instruments/allocations/allocation_source.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "luajit/allocator.h"
#include "luajit/allocator_growth.h"
#include "native/mapped_file.h"

/* To look costs a reading of the mappings, and VMs may come and go with each request. */
#define LOOK_AGAIN_NS 2000000000ULL

static const char no_vm[] = "No Lua VM was found in this process yet.";
static const char no_file[] =
	"The file that holds the allocator of this process's Lua VM cannot be opened, so its "
	"allocations cannot be watched. It may have been replaced while the process ran.";

static void close_sites(struct allocation_source *s)
{
	while (s->site_count)
		close(s->sites[--s->site_count].fd);
}

void allocation_source_init(struct allocation_source *s, pid_t pid)
{
	const char *missing;

	memset(s, 0, sizeof(*s));
	s->pid = pid;
	s->missing = no_vm;
	if (!request_counter_find(pid, &s->counter, &missing))
		s->counter.address = 0;
}

void allocation_source_free(struct allocation_source *s)
{
	close_sites(s);
}

uint64_t allocation_source_requests(const struct allocation_source *s)
{
	const struct memory memory = {s->pid};
	uint64_t value;

	return s->counter.address && memory_u64(&memory, s->counter.address, &value) ? value : 0;
}

static bool has_site(const struct allocation_source *s, const struct stat *files,
		     const struct stat *file, uint64_t offset)
{
	size_t i;

	for (i = 0; i < s->site_count; i++)
		if (s->sites[i].offset == offset && files[i].st_ino == file->st_ino &&
		    files[i].st_dev == file->st_dev)
			return true;
	return false;
}

/* Where to look in an allocator: behind what only those calls do that free, if that is known. */
static uint64_t place_of_site(struct allocation_source *s, int fd, uint64_t offset)
{
	uint8_t code[ALLOCATOR_HEAD];
	size_t behind = 0;

	if (pread(fd, code, sizeof(code), (off_t)offset) == sizeof(code))
		behind = allocator_growth(code);
	if (!behind)
		s->stepped = true;
	return offset + behind;
}

/* VMs of one process have one allocator, as a rule. */
static void find_sites(struct allocation_source *s, const struct process *p)
{
	struct stat files[BURST_SITES], file;
	struct mappings maps;
	struct allocator at;
	uint64_t offset;
	size_t i;
	int fd;

	close_sites(s);
	s->missing = no_vm;
	s->stepped = false;
	if (mappings_read(p->pid, &maps))
		return;
	for (i = 0; i < p->vm_count && s->site_count < BURST_SITES; i++) {
		if (!allocator_find(p->vms[i], &maps, &at, &s->missing))
			continue;
		fd = mapped_file_open(p->pid, at.mapping, &file);
		if (fd < 0) {
			s->missing = no_file;
			continue;
		}
		offset = place_of_site(s, fd, at.offset);
		if (has_site(s, files, &file, offset)) {
			close(fd);
		} else {
			files[s->site_count] = file;
			s->sites[s->site_count++] = (struct burst_site){fd, offset};
		}
	}
	mappings_free(&maps);
	if (s->site_count)
		s->missing = NULL;
}

void allocation_source_look(struct allocation_source *s, const struct process *p, uint64_t now_ns)
{
	uint64_t vms = p->vm_count;
	size_t i;

	for (i = 0; i < p->vm_count; i++)
		vms = vms * 31 + p->vms[i]->global;
	if (vms == s->vms || (s->looked_ns && now_ns - s->looked_ns < LOOK_AGAIN_NS))
		return;
	s->vms = vms;
	s->looked_ns = now_ns;
	find_sites(s, p);
}
