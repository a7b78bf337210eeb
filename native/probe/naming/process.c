/* SPDX-License-Identifier: MIT */
#include "naming/process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/failure.h"
#include "host/process_error.h"
#include "host/procfs.h"
#include "host/usage.h"
#include "luajit/scan.h"
#include "nginx/processes.h"

#define LOOK_EVERY_MS 2000
#define LOOK_AGAIN_MS 500
#define HITS_MAX 64
/* Where the quick look finds nothing; a gateway's heap is seldom larger. */
#define SCAN_ALL_LIMIT (512ULL << 20)
#define NATIVE_FRAMES_MAX 16384

static uint64_t hash_mappings(const struct mappings *maps)
{
	uint64_t hash = maps->count;
	size_t i;

	for (i = 0; i < maps->count; i++)
		hash = id_map_key(hash ^ maps->items[i].start, maps->items[i].end);
	return hash;
}

static bool maps_lua(const struct mappings *maps)
{
	size_t i;

	for (i = 0; i < maps->count; i++)
		if (strstr(maps->items[i].path, "luajit") ||
		    strstr(maps->items[i].path, "lua_module"))
			return true;
	return false;
}

static void tell(const struct process *p, const struct notices *notices, int kind, const char *text,
		 const char *detail)
{
	if (notices->notice)
		notices->notice(notices->context, kind, p->pid, text, detail);
}

static void tell_unsupported(struct process *p, const struct notices *notices,
			     const struct scan_hit *hit, const char *why)
{
	char detail[160];

	if (p->told_unsupported)
		return;
	p->told_unsupported = true;
	snprintf(detail, sizeof(detail), "lua_State at 0x%llx, %u bytes, %s: %s",
		 (unsigned long long)hit->main_thread, hit->state_size,
		 hit->gc32 ? "without GC64" : "GC64", why);
	tell(p, notices, NOTICE_UNSUPPORTED_VM,
	     "This process runs a LuaJIT build whose layout the probe does not know. Its Lua "
	     "stacks are left out; native and kernel frames are shown.",
	     detail);
}

static void tell_found(struct process *p, const struct notices *notices, const struct lua_vm *vm)
{
	char text[128], detail[256];

	/* With the code cache off each request has a VM of its own. */
	if (p->told_found++ >= SAMPLE_VMS)
		return;
	snprintf(text, sizeof(text), "Found a Lua VM in process %d.", (int)p->pid);
	snprintf(detail, sizeof(detail),
		 "global_State 0x%llx, %s, lua_State of 0x%x, cur_L +0x%x, dispatch +0x%x, traces "
		 "+0x%x, interpreter 0x%llx-0x%llx, %s build",
		 (unsigned long long)vm->global, vm->layout.gc32 ? "without GC64" : "GC64",
		 vm->layout.state_size, vm->layout.cur_l, vm->layout.dispatch, vm->layout.traces,
		 (unsigned long long)vm->code.start, (unsigned long long)vm->code.end,
		 vm->layout.known ? "known" : "unknown");
	tell(p, notices, NOTICE_VM_FOUND, text, detail);
}

/* Not of a process that ends, nor of one in which ngx_lua closes its VM as a rule. */
static void tell_no_vm(const struct process *p, const struct notices *notices)
{
	char title[64], text[192];
	struct mappings maps;
	bool lives;

	if (proc_read(p->pid, "cmdline", title, sizeof(title)) > 0 && nginx_is_cache_title(title))
		return;
	if (mappings_read(p->pid, &maps))
		return;
	lives = maps.count > 0;
	mappings_free(&maps);
	if (!lives)
		return;
	snprintf(text, sizeof(text),
		 "No Lua VM was found in process %d. It is sampled all the same, and a VM that "
		 "appears later will be found.",
		 (int)p->pid);
	tell(p, notices, NOTICE_NO_LUA_VM, text, "");
}

static struct lua_vm *known_vm(struct process *p, uint64_t global)
{
	size_t i;

	for (i = 0; i < p->vm_count; i++)
		if (p->vms[i]->global == global)
			return p->vms[i];
	return NULL;
}

/*
 * A sampler reads all VMs of a process in one way. Two kinds in one process need two copies of
 * LuaJIT in it, which nobody builds.
 */
static struct lua_vm *open_hit(const struct process *p, const struct mappings *maps,
			       const struct scan_hit *hit, const char **why)
{
	*why = "another VM of this process has references of another size";
	if (p->vm_count && p->vms[0]->layout.gc32 != hit->gc32)
		return NULL;
	return vm_open(&p->memory, maps, hit->main_thread, hit->state_size, hit->gc32, why);
}

static size_t add_hits(struct process *p, const struct mappings *maps, const struct scan_hit *hits,
		       size_t count, const struct notices *notices, bool tell_of_bad)
{
	struct lua_vm *vm;
	const char *why;
	size_t i, added = 0;

	for (i = 0; i < count && p->vm_count < SAMPLE_VMS; i++) {
		if (known_vm(p, hits[i].main_thread + hits[i].state_size))
			continue;
		vm = open_hit(p, maps, &hits[i], &why);
		if (vm) {
			p->vms[p->vm_count++] = vm;
			tell_found(p, notices, vm);
			added++;
		} else if (tell_of_bad) {
			tell_unsupported(p, notices, &hits[i], why);
		}
	}
	return added;
}

/* The last one stays even so: its layout and code are those of the VMs to come. */
static size_t drop_dead(struct process *p)
{
	size_t i = 0, dropped = 0;

	while (i < p->vm_count) {
		if (p->vm_count == 1 || vm_alive(p->vms[i])) {
			i++;
			continue;
		}
		vm_free(p->vms[i]);
		p->vms[i] = p->vms[--p->vm_count];
		dropped++;
	}
	p->fleeting |= dropped > 0;
	return dropped;
}

static bool look(struct process *p, const struct mappings *maps, const struct notices *notices,
		 bool everywhere)
{
	struct scan_hit hits[HITS_MAX];
	uint64_t hash = hash_mappings(maps);
	size_t changed, n;

	p->mapped = mapped_memory_of(&p->memory, maps);
	changed = drop_dead(p);
	if (hash != p->mappings_hash || everywhere) {
		p->mappings_hash = hash;
		id_map_clear(&p->native_frames);
		n = scan_quick(&p->memory, maps, hits, HITS_MAX);
		/* False hits are to be expected, unless Lua is certain to be there and all are. */
		changed += add_hits(p, maps, hits, n, notices, false);
		if (!p->vm_count && everywhere) {
			n = scan_all(&p->memory, maps, SCAN_ALL_LIMIT, hits, HITS_MAX);
			changed += add_hits(p, maps, hits, n, notices, false);
			if (!p->vm_count && maps_lua(maps))
				add_hits(p, maps, hits, n, notices, true);
		}
	}
	return changed;
}

bool process_look(struct process *p, uint64_t now_ms, const struct notices *notices)
{
	uint64_t every = p->look_again ? LOOK_AGAIN_MS : LOOK_EVERY_MS;
	bool again = p->look_again;
	struct mappings maps;

	if (now_ms - p->looked_ms < every)
		return false;
	p->looked_ms = now_ms;
	p->look_again = false;
	if (mappings_read(p->pid, &maps))
		return again;
	again |= look(p, &maps, notices, false);
	mappings_free(&maps);
	return again;
}

struct lua_vm *process_vm(struct process *p, uint64_t global)
{
	struct lua_vm *vm = known_vm(p, global);

	if (vm || !p->vm_count)
		return vm;
	if (p->vm_count == SAMPLE_VMS)
		drop_dead(p);
	if (p->vm_count == SAMPLE_VMS)
		return NULL;
	vm = vm_sibling(p->vms[0], global);
	if (vm) {
		p->vms[p->vm_count++] = vm;
		p->look_again = true;
	}
	return vm;
}

void process_describe(const struct process *p, struct sampled_process *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->vms = p->vm_count;
	out->fleeting = p->fleeting;
	out->request = p->request.known;
	for (i = 0; i < p->vm_count; i++)
		vm_describe(p->vms[i], &out->vm[i]);
}

bool process_same_mapping(struct process *p, uint64_t a, uint64_t b)
{
	const struct mapping *m;
	struct mappings maps;
	bool same;

	if (mappings_read(p->pid, &maps))
		return false;
	m = mappings_find(&maps, a);
	same = m && b >= m->start && b < m->end;
	mappings_free(&maps);
	return same;
}

bool process_exited(struct process *p)
{
	struct pollfd fd = {.fd = p->pidfd, .events = POLLIN};
	uint64_t cpu_ns = clock_process_ns(p->pid);

	if (poll(&fd, 1, 0) > 0)
		return true;
	/* It was not of a later process of the same pid. */
	if (cpu_ns > p->cpu_ns)
		p->cpu_ns = cpu_ns;
	return false;
}

void process_free(struct process *p)
{
	if (!p)
		return;
	while (p->vm_count)
		vm_free(p->vms[--p->vm_count]);
	functions_free(p->functions);
	native_symbols_free(p->symbols);
	id_map_free(&p->native_frames);
	memory_forget(p->pid);
	if (p->pidfd >= 0)
		close(p->pidfd);
	free(p);
}

struct process *process_open(pid_t pid, struct identities *identities, uint64_t now_ms,
			     const struct notices *notices, struct failure *error)
{
	struct process *p = calloc(1, sizeof(*p));
	uint8_t byte;
	struct mappings maps = {0};
	int code = ENOMEM;

	if (!p)
		goto fail;
	p->pid = pid;
	p->memory.pid = pid;
	p->native_frames = id_map_of(NATIVE_FRAMES_MAX);
	p->collectors.low = UINT64_MAX;
	p->looked_ms = now_ms;
	p->pidfd = syscall(SYS_pidfd_open, pid, 0);
	code = errno;
	if (p->pidfd < 0)
		goto fail;
	code = -mappings_read(pid, &maps);
	if (code)
		goto fail;
	errno = 0;
	if (!maps.count || !memory_read(&p->memory, maps.items[0].start, &byte, 1))
		code = errno ? errno : ESRCH;
	if (code)
		goto fail;
	code = ENOMEM;
	p->symbols = native_symbols_new(pid);
	p->functions = functions_new(identities);
	if (!p->symbols || !p->functions)
		goto fail;
	look(p, &maps, notices, true);
	mappings_free(&maps);
	if (!p->vm_count && !p->told_unsupported)
		tell_no_vm(p, notices);
	return p;
fail:
	mappings_free(&maps);
	process_error(error, pid, code);
	process_free(p);
	return NULL;
}
