/* SPDX-License-Identifier: MIT */
#include "nginx/processes.h"

#include "host/procfs.h"
#include "host/reach.h"
#include "nginx/binary.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHILDREN = 2048, CHILDREN_TEXT = MAX_CHILDREN * 8 };

static bool is_known(const struct known_pids *known, pid_t pid)
{
	for (size_t i = 0; i < known->count; i++) {
		if (known->pids[i] == pid)
			return true;
	}
	return false;
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* The name of the file that the process executes, without what the kernel adds when it was
 * replaced. */
static bool runs_nginx(pid_t pid)
{
	char path[4096], *name, *deleted;

	if (proc_link(pid, "exe", path, sizeof(path)) <= 0)
		return false;
	deleted = strstr(path, " (deleted)");
	if (deleted)
		*deleted = '\0';
	name = strrchr(path, '/');
	name = name ? name + 1 : path;
	return !strcmp(name, "nginx") || !strcmp(name, "openresty") || !strcmp(name, "nginx-debug");
}

bool nginx_is_titled(const char *command_line)
{
	return starts_with(command_line, "nginx: ");
}

bool nginx_is_master_title(const char *command_line)
{
	return starts_with(command_line, "nginx: master process");
}

bool nginx_is_cache_title(const char *command_line)
{
	return starts_with(command_line, "nginx: cache ");
}

static bool is_titled(pid_t pid)
{
	char text[64];

	return proc_read(pid, "cmdline", text, sizeof(text)) > 0 && nginx_is_titled(text);
}

static bool is_titled_master(pid_t pid)
{
	char text[64];

	return proc_read(pid, "cmdline", text, sizeof(text)) > 0 && nginx_is_master_title(text);
}

/* nginx -t and the like, which end before they serve anybody. */
static bool is_command(pid_t pid)
{
	char arguments[4096], *argument;
	ssize_t length = proc_read(pid, "cmdline", arguments, sizeof(arguments));

	for (argument = arguments; argument < arguments + length;
	     argument += strlen(argument) + 1) {
		if (!strcmp(argument, "-s") || !strcmp(argument, "-t") || !strcmp(argument, "-T") ||
		    !strcmp(argument, "-v") || !strcmp(argument, "-V") || !strcmp(argument, "-h"))
			return true;
	}
	return length <= 0;
}

/* True, too, where one of them is not ours to know. */
static bool may_run_the_same(pid_t a, pid_t b)
{
	struct nginx_binary one, other;

	if (nginx_binary_identify(a, &one) || nginx_binary_identify(b, &other))
		return true;
	return one.device == other.device && one.inode == other.inode;
}

/*
 * Is a process one that an nginx server forked for itself, whatever it is called? Until its
 * init_worker phase is over a worker bears the title of its master, and applications choose titles
 * of their own. A binary upgrade's master is a child, too, but executed its binary. A daemon whose
 * parent has ended may have become the child of an nginx that is a container's first process; it
 * made a session of its own.
 */
static bool is_part_of(pid_t pid, const struct proc_stat *stat, pid_t parent)
{
	struct proc_stat above;

	if (!stat->forked || stat->state == 'Z' || stat->parent != parent)
		return false;
	if (proc_stat(parent, &above) || !may_run_the_same(pid, parent))
		return false;
	return stat->session == above.session || (stat->session == pid && !is_titled_master(pid));
}

static size_t forked_by(pid_t parent, const struct known_pids *known, pid_t *out, size_t capacity)
{
	pid_t children[MAX_CHILDREN];
	size_t count = 0, n = process_children(parent, children, MAX_CHILDREN);
	struct proc_stat stat;

	for (size_t i = 0; i < n && count < capacity; i++) {
		if (is_known(known, children[i]) ||
		    (!proc_stat(children[i], &stat) && is_part_of(children[i], &stat, parent)))
			out[count++] = children[i];
	}
	return count;
}

enum nginx_role nginx_role_of(pid_t pid)
{
	struct proc_stat stat;
	bool has_title = is_titled(pid);

	if ((!has_title && !runs_nginx(pid)) || proc_stat(pid, &stat) || stat.state == 'Z')
		return NGINX_NONE;
	if ((is_titled(stat.parent) || runs_nginx(stat.parent)) &&
	    is_part_of(pid, &stat, stat.parent))
		return NGINX_CHILD;
	if (is_titled_master(pid))
		return NGINX_MASTER;
	/* A worker whose master is gone, or hidden, serves by itself. */
	if (has_title)
		return NGINX_SINGLE;
	/* An upgrade's master has no title before it has read its configuration. */
	return is_command(pid) || is_titled_master(stat.parent) ? NGINX_NONE : NGINX_SINGLE;
}

/* Where the kernel has no "children" files: by everyone's parent. */
static size_t children_by_scan(pid_t pid, pid_t *out, size_t capacity)
{
	static pid_t all[REACH_TEXT / sizeof(pid_t)];
	size_t count = 0, n = reach_pids(all, sizeof(all) / sizeof(*all));
	struct proc_stat stat;

	for (size_t i = 0; i < n && count < capacity; i++) {
		if (!proc_stat(all[i], &stat) && stat.parent == pid)
			out[count++] = all[i];
	}
	return count;
}

size_t process_children(pid_t pid, pid_t *out, size_t capacity)
{
	char name[64], *text, *next;
	size_t count = 0;
	ssize_t length;

	text = malloc(CHILDREN_TEXT);
	if (!text)
		return 0;
	snprintf(name, sizeof(name), "task/%d/children", pid);
	length = proc_read(pid, name, text, CHILDREN_TEXT);
	for (next = text; length > 0 && count < capacity;) {
		char *end;
		long child = strtol(next, &end, 10);

		if (end == next || child <= 0)
			break;
		out[count++] = (pid_t)child;
		next = end;
	}
	free(text);
	return length < 0 ? children_by_scan(pid, out, capacity) : count;
}

size_t nginx_workers_of(pid_t master, const struct known_pids *known, pid_t *out, size_t capacity)
{
	size_t count = 0;

	if (capacity && !is_titled_master(master) && nginx_role_of(master) == NGINX_SINGLE)
		out[count++] = master;
	else
		count = forked_by(master, known, out, capacity);
	/* They may have forked others. */
	for (size_t i = 0; i < count && count < capacity; i++)
		count += forked_by(out[i], known, out + count, capacity - count);
	return count;
}
