/* SPDX-License-Identifier: MIT */
#include "nginx/processes.h"

#include "host/procfs.h"
#include "host/reach.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHILDREN = 2048, CHILDREN_TEXT = MAX_CHILDREN * 8 };

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

/*
 * A process of nginx that is neither titled nor a child of another nginx: the one of master_process
 * off, or a command such as nginx -t or -s, which never has its own sockets open for long.
 */
static bool serves_alone(pid_t pid)
{
	struct proc_stat stat;
	char arguments[4096], *argument;
	ssize_t length;

	if (!runs_nginx(pid) || proc_stat(pid, &stat) || stat.state == 'Z')
		return false;
	length = proc_read(pid, "cmdline", arguments, sizeof(arguments));
	for (argument = arguments; argument < arguments + length;
	     argument += strlen(argument) + 1) {
		if (!strcmp(argument, "-s") || !strcmp(argument, "-t") || !strcmp(argument, "-T") ||
		    !strcmp(argument, "-v") || !strcmp(argument, "-V") || !strcmp(argument, "-h"))
			return false;
	}
	return length > 0 && !runs_nginx(stat.parent);
}

enum nginx_role nginx_role_of(pid_t pid, char *title, size_t capacity)
{
	char text[512];
	ssize_t length = proc_read(pid, "cmdline", text, sizeof(text));

	if (capacity)
		*title = '\0';
	if (length <= 0)
		return NGINX_NONE;
	snprintf(title, capacity, "%s", text);
	if (starts_with(text, "nginx: master process"))
		return NGINX_MASTER;
	if (starts_with(text, "nginx: worker process"))
		return NGINX_WORKER;
	if (starts_with(text, "nginx: "))
		return NGINX_HELPER;
	return serves_alone(pid) ? NGINX_SINGLE : NGINX_NONE;
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

size_t nginx_workers_of(pid_t master, pid_t *out, size_t capacity)
{
	pid_t children[MAX_CHILDREN];
	size_t count = 0, n = process_children(master, children, MAX_CHILDREN);
	char title[64];

	for (size_t i = 0; i < n && count < capacity; i++) {
		if (nginx_role_of(children[i], title, sizeof(title)) == NGINX_WORKER)
			out[count++] = children[i];
	}
	if (!count && capacity && nginx_role_of(master, title, sizeof(title)) == NGINX_SINGLE)
		out[count++] = master;
	return count;
}
