/* SPDX-License-Identifier: MIT */
#include "nginx/paths.h"

#include "host/procfs.h"
#include "nginx/processes.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Value of "-X value" or "-Xvalue" on a command line whose arguments are joined by blanks. */
static bool option(const char *command_line, char letter, char *out, size_t capacity)
{
	for (const char *p = command_line; (p = strchr(p, ' '));) {
		p += strspn(p, " ");
		if (p[0] != '-' || p[1] != letter)
			continue;
		p += 2;
		p += strspn(p, " ");
		snprintf(out, capacity, "%.*s", (int)strcspn(p, " "), p);
		return *out != '\0';
	}
	return false;
}

/* Paths that /proc gives for a process in a chroot start with the chroot's own path. */
static void strip_root(pid_t pid, char *path)
{
	char root[1024];
	size_t length;
	ssize_t n = proc_link(pid, "root", root, sizeof(root));

	if (n <= 1)
		return;
	length = (size_t)n;
	if (!strncmp(path, root, length) && path[length] == '/')
		memmove(path, path + length, strlen(path + length) + 1);
}

static void link_path(pid_t pid, const char *name, char *out, size_t capacity)
{
	char *deleted;

	proc_link(pid, name, out, capacity);
	deleted = strstr(out, " (deleted)");
	if (deleted && !deleted[strlen(" (deleted)")])
		*deleted = '\0';
	strip_root(pid, out);
}

/*
 * `path` below `base` unless it is absolute, without "./" in front and "/" behind. Nothing where
 * that would need a base that is not known.
 */
static void resolve(const char *base, const char *path, char *out, size_t capacity)
{
	size_t length;

	*out = '\0';
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	if (*path == '/')
		snprintf(out, capacity, "%s", path);
	else if (*path && *base)
		snprintf(out, capacity, "%s%s%s", base, strcmp(base, "/") ? "/" : "",
			 strcmp(path, ".") ? path : "");
	length = strlen(out);
	while (length > 1 && out[length - 1] == '/')
		out[--length] = '\0';
}

void nginx_paths(struct nginx_master *master, const struct nginx_binary *binary)
{
	char folder[1024] = "", value[1024];
	const char *prefix = binary->prefix, *config_file = binary->config_file;

	link_path(master->pid, "exe", master->executable, sizeof(master->executable));
	/* A worker whose master is gone or hidden does not say what that was started with. */
	if (nginx_is_titled(master->command_line) && !nginx_is_master_title(master->command_line))
		return;
	/* nginx's own default, unless its file cannot be read. */
	if (binary->is_nginx && !*prefix)
		prefix = "/usr/local/nginx";
	if (binary->is_nginx && !*config_file)
		config_file = "conf/nginx.conf";
	link_path(master->pid, "cwd", folder, sizeof(folder));
	if (option(master->command_line, 'p', value, sizeof(value)))
		prefix = value;
	resolve(folder, prefix, master->prefix, sizeof(master->prefix));
	if (option(master->command_line, 'c', value, sizeof(value)))
		config_file = value;
	resolve(master->prefix, config_file, master->config_file, sizeof(master->config_file));
}
