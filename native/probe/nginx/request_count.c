/* SPDX-License-Identifier: MIT */
#include "nginx/request_count.h"

#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "host/memory.h"
#include "host/procfs.h"
#include "native/symbols.h"
#include "nginx/processes.h"
#include "nginx/variable.h"

enum { COUNTERS_MAX = 4096, WORKERS_MAX = 1024 };

static const char no_symbol[] =
	"This nginx was built without its status module (--with-http_stub_status_module), so it "
	"does not count its requests.";
static const char not_readable[] =
	"The counter of this nginx's requests cannot be found in its memory.";

bool request_counter_find(pid_t pid, struct request_counter *out, const char **missing)
{
	const struct memory memory = {pid};
	const struct mapping *where;
	struct mappings maps;
	uint64_t pointer;
	bool found = false;

	*missing = not_readable;
	if (mappings_read(pid, &maps))
		return false;
	pointer = nginx_variable(pid, &maps, "ngx_stat_requests");
	if (!pointer)
		*missing = no_symbol;
	memset(out, 0, sizeof(*out));
	if (pointer && memory_u64(&memory, pointer, &out->address) &&
	    memory_u64(&memory, out->address, &out->now)) {
		where = mappings_find(&maps, out->address);
		out->shared = where && where->perms[3] == 's';
		out->memory = out->shared ? where->inode : (uint64_t)pid;
		out->pid = pid;
		out->before = out->now;
		found = where != NULL;
	}
	mappings_free(&maps);
	return found;
}

static struct request_counter *known(struct request_counts *c, const struct request_counter *like)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->counters[i].memory == like->memory &&
		    c->counters[i].address == like->address)
			return &c->counters[i];
	return NULL;
}

void request_counts_add(struct request_counts *c, pid_t pid)
{
	struct request_counter counter, *before;
	const char *missing;

	if (!request_counter_find(pid, &counter, &missing)) {
		c->missing = missing;
		return;
	}
	before = known(c, &counter);
	if (before) {
		if (!before->pid)
			before->pid = pid;
		return;
	}
	if (c->count == COUNTERS_MAX || !array_reserve(c->counters, c->capacity, c->count + 1, 8)) {
		c->missing = not_readable;
		return;
	}
	c->counters[c->count++] = counter;
}

static void read_counter(struct request_counter *c)
{
	const struct memory memory = {c->pid};
	uint64_t now;

	/* A counter that goes back is none. */
	if (c->pid && memory_u64(&memory, c->address, &now) && now >= c->now)
		c->now = now;
}

void request_counts_remove(struct request_counts *c, pid_t pid, const pid_t *left, size_t count)
{
	struct request_counter other;
	const char *missing;

	for (size_t i = 0; i < c->count; i++) {
		if (c->counters[i].pid != pid)
			continue;
		c->counters[i].pid = 0;
		for (size_t k = 0; k < count && c->counters[i].shared; k++) {
			if (!request_counter_find(left[k], &other, &missing) ||
			    known(c, &other) != &c->counters[i])
				continue;
			c->counters[i].pid = left[k];
			break;
		}
	}
}

void request_counts_free(struct request_counts *c)
{
	free(c->counters);
	memset(c, 0, sizeof(*c));
}

static bool is_among(pid_t pid, const pid_t *pids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/* Are all workers of the same master traced? Then what it counts is theirs. */
static bool has_all_workers(pid_t pid, const pid_t *pids, size_t count)
{
	pid_t workers[WORKERS_MAX];
	struct proc_stat stat;
	size_t n;

	if (proc_stat(pid, &stat))
		return true;
	n = nginx_workers_of(stat.parent, &(struct known_pids){pids, count}, workers, WORKERS_MAX);
	for (size_t i = 0; i < n; i++)
		if (!is_among(workers[i], pids, count))
			return false;
	return true;
}

enum request_scope request_counts_read(struct request_counts *c, const pid_t *pids, size_t count,
				       uint64_t *requests, const char **missing)
{
	enum request_scope scope = REQUESTS_OF_WORKERS;

	*requests = 0;
	*missing = c->missing ? c->missing : "";
	if (c->missing)
		return REQUESTS_NOT_COUNTED;
	for (size_t i = 0; i < c->count; i++) {
		struct request_counter *counter = &c->counters[i];

		read_counter(counter);
		*requests += counter->now - counter->before;
		if (counter->shared && counter->pid && !has_all_workers(counter->pid, pids, count))
			scope = REQUESTS_OF_MASTER;
	}
	return scope;
}
