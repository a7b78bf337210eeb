/* SPDX-License-Identifier: MIT */
#include "nginx/listing.h"

#include "host/procfs.h"
#include "host/reach.h"
#include "host/target_file.h"
#include "host/usage.h"
#include "native/symbols.h"
#include "nginx/binary.h"
#include "nginx/container.h"
#include "nginx/flavour.h"
#include "nginx/paths.h"
#include "nginx/processes.h"
#include "nginx/sockets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BINARIES = 16, MAX_PASSWD = 256 * 1024 };

/* Executables that were read for this listing; many servers share one. */
struct binaries {
	struct nginx_binary items[MAX_BINARIES];
	size_t count;
};

static const struct nginx_binary *binary_of(struct binaries *b, pid_t pid)
{
	struct nginx_binary *next = &b->items[b->count % MAX_BINARIES];
	struct nginx_binary wanted;

	if (!nginx_binary_identify(pid, &wanted)) {
		for (size_t i = 0; i < b->count && i < MAX_BINARIES; i++) {
			if (b->items[i].device == wanted.device &&
			    b->items[i].inode == wanted.inode)
				return &b->items[i];
		}
	}
	nginx_binary_read(pid, next);
	b->count++;
	return next;
}

/* Arguments, or the title that replaced them, joined by blanks. */
static void read_command_line(pid_t pid, char *out, size_t capacity)
{
	ssize_t length = proc_read(pid, "cmdline", out, capacity);

	while (length > 0 && !out[length - 1])
		length--;
	for (ssize_t i = 0; i < length; i++) {
		if (!out[i])
			out[i] = ' ';
	}
}

/* The name of the process's user, in the target's own user list; else its number. */
static void read_user(pid_t pid, char *out, size_t capacity)
{
	char status[4096], *line, *passwd, *entry, *rest;
	unsigned int uid, candidate;

	*out = '\0';
	if (proc_read(pid, "status", status, sizeof(status)) <= 0)
		return;
	line = strstr(status, "\nUid:");
	if (!line || sscanf(line, "\nUid: %*u %u", &uid) != 1)
		return;
	if (uid)
		snprintf(out, capacity, "%u", uid);
	else
		snprintf(out, capacity, "root");
	passwd = uid ? malloc(MAX_PASSWD) : NULL;
	if (!passwd)
		return;
	target_read(pid, "/etc/passwd", passwd, MAX_PASSWD);
	rest = passwd;
	while ((entry = strsep(&rest, "\n"))) {
		if (sscanf(entry, "%*[^:]:%*[^:]:%u:", &candidate) == 1 && candidate == uid) {
			snprintf(out, capacity, "%.*s", (int)strcspn(entry, ":"), entry);
			break;
		}
	}
	free(passwd);
}

static bool maps_lua(pid_t pid)
{
	struct mappings maps;
	bool found = false;

	if (mappings_read(pid, &maps))
		return false;
	for (size_t i = 0; i < maps.count && !found; i++)
		found = strstr(maps.items[i].path, "libluajit") != NULL ||
			strstr(maps.items[i].path, "_lua_module.so") != NULL;
	mappings_free(&maps);
	return found;
}

static void read_listen(struct nginx_master *master)
{
	socket_text texts[NGINX_MAX_LISTEN];
	size_t count = listening_sockets(master->pid, texts, NGINX_MAX_LISTEN);

	master->listen = calloc(count + 1, sizeof(*master->listen));
	if (!master->listen)
		return;
	memcpy(master->listen, texts, count * sizeof(*texts));
	master->listen_count = count;
}

/* The clock stands before this reading and behind the next: what lies between is never too short.
 */
static void begin_measuring(struct nginx_worker *worker)
{
	worker->measured_ns = clock_monotonic_ns();
	worker->cpu_ns = clock_process_ns(worker->pid);
}

static void end_measuring(struct nginx_worker *worker)
{
	uint64_t cpu_ns = clock_process_ns(worker->pid);
	uint64_t wall_ns = clock_monotonic_ns() - worker->measured_ns;

	if (wall_ns && cpu_ns > worker->cpu_ns)
		worker->cpu_percent = (float)(cpu_ns - worker->cpu_ns) / (float)wall_ns * 100;
}

static void read_workers(struct nginx_master *master)
{
	pid_t pids[NGINX_MAX_WORKERS];
	size_t count = nginx_workers_of(master->pid, &(struct known_pids){NULL, 0}, pids,
					NGINX_MAX_WORKERS);
	struct proc_stat stat;

	master->workers = calloc(count + 1, sizeof(*master->workers));
	for (size_t i = 0; master->workers && i < count; i++) {
		struct nginx_worker *worker = &master->workers[master->worker_count];

		if (proc_stat(pids[i], &stat))
			continue;
		worker->pid = pids[i];
		worker->start_time = stat.start_time;
		worker->rss_bytes = stat.rss_bytes;
		begin_measuring(worker);
		worker->refused = !proc_may_read(pids[i]);
		read_command_line(pids[i], worker->title, sizeof(worker->title));
		master->worker_count++;
	}
}

/* False when it is gone, or when it only calls itself nginx. */
static bool read_master(struct nginx_master *master, pid_t pid, struct binaries *binaries)
{
	const struct nginx_binary *binary = binary_of(binaries, pid);

	memset(master, 0, sizeof(*master));
	if (binary->inode && !binary->is_nginx)
		return false;
	master->pid = pid;
	read_command_line(pid, master->command_line, sizeof(master->command_line));
	nginx_paths(master, binary);
	nginx_flavour(master, binary);
	container_of(pid, master->container, sizeof(master->container));
	read_user(pid, master->user, sizeof(master->user));
	master->lua = maps_lua(pid) || binary->holds_luajit;
	read_listen(master);
	read_workers(master);
	return true;
}

static bool is_server(pid_t pid)
{
	enum nginx_role role = nginx_role_of(pid);

	return role == NGINX_MASTER || role == NGINX_SINGLE;
}

int nginx_listing_begin(struct nginx_listing *out)
{
	struct binaries *binaries = calloc(1, sizeof(*binaries));
	pid_t *pids = calloc(REACH_TEXT, 1);
	size_t count = pids ? reach_pids(pids, REACH_TEXT / sizeof(*pids)) : 0;
	int result = 0;

	memset(out, 0, sizeof(*out));
	out->masters = calloc(NGINX_MAX_MASTERS, sizeof(*out->masters));
	if (!pids || !binaries || !out->masters)
		result = -ENOMEM;
	else if (!count)
		result = -EACCES;
	for (size_t i = 0; !result && i < count && out->count < NGINX_MAX_MASTERS; i++) {
		if (is_server(pids[i]) && read_master(&out->masters[out->count], pids[i], binaries))
			out->count++;
	}
	free(pids);
	free(binaries);
	if (result)
		nginx_listing_free(out);
	return result;
}

void nginx_listing_measure(struct nginx_listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		struct nginx_master *master = &listing->masters[i];

		for (size_t j = 0; j < master->worker_count; j++)
			end_measuring(&master->workers[j]);
	}
}

void nginx_listing_free(struct nginx_listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		free(listing->masters[i].listen);
		free(listing->masters[i].workers);
	}
	free(listing->masters);
	listing->masters = NULL;
	listing->count = 0;
}
