/* SPDX-License-Identifier: MIT */
#include "heap/find.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/failure.h"
#include "host/process_error.h"
#include "host/reach.h"
#include "luajit/scan.h"

#define HITS_MAX 64
#define SCAN_LIMIT (512ULL << 20)
/* LuaJIT's own allocator keeps its state at the head of the segment whose first object the VM is.
 */
#define ALLOCATOR_STATE_MAX 0x1000

static bool open_vm(const struct memory *m, const struct mappings *maps, const struct scan_hit *hit,
		    struct heap_vm *vm, const char **why)
{
	uint64_t handler;

	*why = "it runs LuaJIT with 32-bit references (no GC64), whose heap cannot be read yet";
	if (hit->gc32)
		return false;
	if (!layout_derive(m, maps, hit->main_thread, hit->state_size, false, &vm->layout, &handler,
			   why))
		return false;
	vm->main_thread = hit->main_thread;
	vm->global = hit->main_thread + hit->state_size;
	vm->gc = collector_offsets(&vm->layout);
	if (!memory_u64(m, vm->global + vm->layout.jit_base + 8, &vm->types))
		vm->types = 0;
	return true;
}

static bool has_own_allocator(const struct memory *m, const struct heap_vm *vm)
{
	uint64_t data;

	return memory_u64(m, vm->global + vm->gc.allocator_data, &data) && data &&
	       vm->main_thread - data < ALLOCATOR_STATE_MAX;
}

/* Where malloc's heap begins, if no VM takes its memory from malloc. */
static uint64_t find_skipped(const struct memory *m, const struct mappings *maps,
			     const struct heap_vm *vms, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!has_own_allocator(m, &vms[i]))
			return 0;
	for (i = 0; i < maps->count; i++)
		if (!strcmp(maps->items[i].path, "[heap]"))
			return maps->items[i].start;
	return 0;
}

static size_t open_hits(const struct memory *m, const struct mappings *maps,
			const struct scan_hit *hits, size_t n, struct heap_vm *out,
			const char **why)
{
	size_t count = 0, i;

	for (i = 0; i < n && count < HEAP_VMS; i++)
		count += open_vm(m, maps, &hits[i], &out[count], why);
	return count;
}

static void find_vms(pid_t pid, struct heap_found *out)
{
	const struct memory m = {.pid = pid};
	struct scan_hit hits[HITS_MAX];
	struct mappings maps;
	const char *why = "no Lua VM was found in it";
	size_t n;
	int code = mappings_read(pid, &maps);

	if (code) {
		process_error(&out->error, pid, -code);
		return;
	}
	n = scan_quick(&m, &maps, hits, HITS_MAX);
	out->count = open_hits(&m, &maps, hits, n, out->vms, &why);
	if (!out->count) {
		n = scan_all(&m, &maps, SCAN_LIMIT, hits, HITS_MAX);
		out->count = open_hits(&m, &maps, hits, n, out->vms, &why);
	}
	out->skip_start = find_skipped(&m, &maps, out->vms, out->count);
	mappings_free(&maps);
	out->error.kind = FAILURE_OTHER;
	snprintf(out->error.text, sizeof(out->error.text),
		 "The heap of process %d cannot be read: %s. Choose a worker that runs Lua.",
		 (int)pid, why);
}

/* Opens the files for the child; -errno where the process cannot be read at all. The others may be
 * missing: memory is read by call then, and all pages are taken to be there. */
static int offer(pid_t pid)
{
	static const char *const names[] = {"maps", "mem", "pagemap"};
	int result = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int fd = reach_proc(pid, names[i]);

		if (fd >= 0)
			reach_offer(pid, names[i], fd);
		else if (!i)
			result = fd;
	}
	return result;
}

static void look(pid_t pid, const struct confinement *c, int out)
{
	static struct heap_found found;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!confine(c))
		_exit(EXIT_FAILURE);
	find_vms(pid, &found);
	_exit(write(out, &found, sizeof(found)) == (ssize_t)sizeof(found) ? EXIT_SUCCESS
									  : EXIT_FAILURE);
}

/* It comes from a process that read hostile memory: what is no number is not believed. */
static bool receive(int in, struct heap_found *out)
{
	size_t size = 0;
	ssize_t n;

	while (size < sizeof(*out)) {
		n = read(in, (char *)out + size, sizeof(*out) - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		size += (size_t)n;
	}
	out->error.text[sizeof(out->error.text) - 1] = '\0';
	out->error.detail = NULL;
	return out->count <= HEAP_VMS;
}

static bool fail(struct heap_found *out, const char *text)
{
	memset(out, 0, sizeof(*out));
	out->error.kind = FAILURE_OTHER;
	snprintf(out->error.text, sizeof(out->error.text), "%s", text);
	return false;
}

bool heap_find(pid_t pid, const struct confinement *c, struct heap_found *out)
{
	int code = offer(pid), ends[2];
	bool received;
	pid_t child;

	if (code) {
		memset(out, 0, sizeof(*out));
		process_error(&out->error, pid, -code);
		return false;
	}
	if (pipe2(ends, O_CLOEXEC))
		return fail(out, "The probe has too many files open.");
	child = fork();
	if (!child)
		look(pid, c, ends[1]);
	close(ends[1]);
	received = child > 0 && receive(ends[0], out);
	close(ends[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	if (!received)
		return fail(out, "Looking for Lua in the worker's memory was ended from outside; "
				 "the worker runs on. The host may be short of memory.");
	return out->count > 0;
}
